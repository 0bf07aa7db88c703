"""The header format, by clause of header(5)."""

import re
from pathlib import Path

import pytest

from einthoven.errors import FormatError
from einthoven.formats.wfdb.header import (
    MAX_BYTES,
    SignalLine,
    inside_folder,
    looks_like_header,
    parse_header,
    read_header,
)


def only_signal(line: str) -> SignalLine:
    return parse_header(f"x 1 360 10\n{line}\n", "x.hea").signals[0]


@pytest.mark.parametrize(
    ("line", "fs", "n_samples"),
    [
        ("x 1 360 650000", 360.0, 650000),
        ("x 1 360", 360.0, None),
        ("x 1 360 0", 360.0, None),
        ("x 1 0.5 7", 0.5, 7),
        ("x 1 360/360 650000 0:0:0", 360.0, 650000),
        ("x 1 128/1000(12.5) 10", 128.0, 10),
        ("x 1 300 9000 2014-05-08 05:05:15", 300.0, 9000),
        ("x 1 500 5000 28-Mar-2021 12:15:27", 500.0, 5000),
        ("x 1 500 5000 05:05:15 01/12/2020", 500.0, 5000),
        ("x.mat\t1  500\t5000 anything at all", 500.0, 5000),
    ],
)
def test_record_line(line: str, fs: float, n_samples: int | None) -> None:
    header = parse_header(f"{line}\nx.dat 16 200\n", "x.hea")
    assert (header.fs, header.n_samples, header.n_signals, header.doubts) == (fs, n_samples, 1, ())
    assert header.states_fs


def test_absent_sampling_rate_is_the_default_of_wfdb() -> None:
    header = parse_header("x 1\nx.dat 16 200\n", "x.hea")
    assert header.fs == 250
    assert not header.states_fs


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("16", ("16", 1, 0, 0)),
        ("16+24", ("16", 1, 0, 24)),
        ("16x1+24", ("16", 1, 0, 24)),
        ("212x4:3+512", ("212", 4, 3, 512)),
        ("24:7", ("24", 1, 7, 0)),
    ],
)
def test_format_field(form: str, expected: tuple[str, int, int, int]) -> None:
    signal = only_signal(f"x.dat {form} 200")
    assert (signal.fmt, signal.samples_per_frame, signal.skew, signal.byte_offset) == expected


@pytest.mark.parametrize(
    ("rest", "gain", "baseline", "units"),
    [
        ("1000/mV", 1000.0, 0, "mV"),
        ("200(1024)/mV 11 1000", 200.0, 1024, "mV"),
        ("200 11 1024", 200.0, 1024, "mV"),
        ("1000.0(0)/uV 16 5", 1000.0, 0, "uV"),
        ("-4.88e1(-3)/V", -48.8, -3, "V"),
        ("200/", 200.0, 0, "mV"),
        ("200/\u00b5V", 200.0, 0, "\u00b5V"),
    ],
)
def test_gain_field(rest: str, gain: float, baseline: int, units: str) -> None:
    signal = only_signal(f"x.dat 16 {rest}")
    assert (signal.gain, signal.baseline, signal.units) == (gain, baseline, units)


@pytest.mark.parametrize("rest", ["", "0", "0/mV", "0(7)/mV"])
def test_absent_gain_is_the_default_of_wfdb(rest: str) -> None:
    header = parse_header(f"x 2 360 10\nx.dat 16 {rest}\nx.dat 16 {rest}\n", "x.hea")
    assert header.signals[0].gain == 200
    assert header.doubts == ("the header states no gain: 200 a unit assumed, as WFDB does",)


def test_description_is_the_rest_of_the_line() -> None:
    signal = only_signal("x.dat 212 200 11 1024 995 -22131 0 ECG lead  II")
    assert (signal.adc_resolution, signal.adc_zero, signal.initial_value) == (11, 1024, 995)
    assert (signal.checksum, signal.block_size, signal.description) == (-22131, 0, "ECG lead  II")
    assert only_signal("x.dat 16 200 MLII").description == "MLII"


def test_comments_are_kept_wherever_they_are() -> None:
    header = parse_header("# first\n\nx 1 360\n#Age: 74\nx.dat 16 200\n#\n# # last \n", "x.hea")
    assert header.comments == ("first", "Age: 74", "last")


def test_segments() -> None:
    header = parse_header("x/3 2 125 100\nlayout 0\nseg_1 60\n~ 40\n", "x.hea")
    assert header.segments == (("layout", 0), ("seg_1", 60), ("~", 40))
    assert (header.signals, header.n_signals) == ((), 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a WFDB record line 'NAME N_SIGNALS [FS [N_SAMPLES]]', found no line"),
        ("# only a comment", "found no line"),
        ("nonsense\n", "found 'nonsense'"),
        ("x one 360\n", "found 'x one 360'"),
        ("x 1 0 10\nx.dat 16\n", "expected a sampling rate above 0 Hz, found '0'"),
        ("x 1 -5 10\nx.dat 16\n", "expected a sampling rate above 0 Hz, found '-5'"),
        ("x 1 fast 10\nx.dat 16\n", "expected a sampling rate above 0 Hz, found 'fast'"),
        ("x 1 inf 10\nx.dat 16\n", "expected a sampling rate above 0 Hz, found 'inf'"),
        ("x 1 360 many\nx.dat 16\n", "expected the number of samples, found 'many'"),
        ("x 1 360 -4\nx.dat 16\n", "expected the number of samples, found '-4'"),
        ("x 2 360 10\nx.dat 16\n", "expected 2 signal lines, as the record line says, found 1"),
        ("x 1 360 10\nx.dat 16\nx.dat 16\n", "expected 1 signal lines, as the record line says, found 2"),
        ("x/2 1 360 10\na 10\n", "expected 2 segment lines, as the record line says, found 1"),
        ("x/1 1 360 10\na ten\n", "expected 'SEGMENT N_SAMPLES', found 'a ten'"),
        ("x 1 360 10\nx.dat sixteen\n", "expected 'FILE FORMAT ...' in a signal line, found 'x.dat sixteen'"),
        (
            "x 1 360 10\nx.dat 16 lots/mV\n",
            "expected a gain such as '200', '1000/mV' or '200(1024)/mV', found 'lots/mV'",
        ),
        ("x 1 360 10\nx.dat 16 1e999/mV\n", "found '1e999/mV'"),
        ("x 1 360 10\n- 16 200\n", "expected the name of a signal file, found '-'"),
    ],
)
def test_what_decides_samples_fails_at_once(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^/d/x\.hea: .*{re.escape(message)}"):
        parse_header(text, "/d/x.hea")


@pytest.mark.parametrize(
    "name",
    ["../x.dat", "a/../../x.dat", "/etc/passwd", "C:\\x.dat", "C:x.dat", "..\\x.dat", "\\\\host\\x.dat"],
)
def test_a_file_outside_the_folder_is_refused(name: str) -> None:
    with pytest.raises(FormatError, match="expected signal files inside the header's folder, found"):
        only_signal(f"{name} 16 200")
    with pytest.raises(FormatError, match="inside the header's folder"):
        parse_header(f"x/1 1 360 10\n{name} 10\n", "x.hea")


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(FormatError, match="expected the name of a signal file"):
        inside_folder("a\0b", "x.hea")


def test_a_gain_of_a_million_digits_is_refused_at_once() -> None:
    with pytest.raises(FormatError, match=r"expected a gain such as .*, found '1{60}'"):
        only_signal(f"x.dat 16 {'1' * 10**6}x")


def test_a_header_longer_than_any_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.hea"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(
        FormatError, match=r"expected a WFDB header of at most 16777216 bytes, found 16777217"
    ):
        read_header(path)


def test_a_trailing_line_that_is_no_signal_line_is_passed_over() -> None:
    assert len(parse_header("x 1 360 10\nx.dat 16 200\nsome words\n", "x.hea").signals) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100 2 360 650000\n100.dat 212 200\n", True),
        ("#c\nA1 1 300 9000 2014-05-08 05:05:15\nA1.mat 16+24 1000/mV 16 0 -127 0 0 ECG\n", True),
        ("x/2 1 360\na 10\nb 20\n", True),
        ("x 0 360\n", True),
        ("1 2 3\n4 5 6\n", False),
        ("1 2 3\n4.5 5 6\n", False),
        ("1 2\n", False),
        ("time,I\n0,1\n", False),
        ("", False),
    ],
)
def test_recognised_by_content(text: str, expected: bool) -> None:
    assert looks_like_header(text) is expected

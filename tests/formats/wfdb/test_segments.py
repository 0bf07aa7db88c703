"""Records of several segments; that they hold what wfdb reads is shown in tests/oracle."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.limits import LIMITS, Limits
from einthoven.formats.wfdb import read_wfdb, segments
from einthoven.record import Record


def make(folder: Path, name: str, header: str, *values: int) -> Path:
    if values:
        (folder / f"{name}.dat").write_bytes(np.array(values, "<i2").tobytes())
    path = folder / f"{name}.hea"
    path.write_text(header)
    return path


def read(path: Path, limits: Limits = LIMITS, *, strict: bool = False) -> Record:
    return read_wfdb(path, Given(where=str(path), name=path.stem, limits=limits, strict=strict))


def test_segments_with_a_gap(tmp_path: Path) -> None:
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100 16 0 0 0 0 II\n", 1, 2)
    make(tmp_path, "b.1", "b 1 100 1 2014-05-08 05:05:15\nb.1.dat 16 50 16 0 0 0 0 II\n", 3)
    make(tmp_path, "all", "all 1 100 0\n~ 0 100 16 0 0 0 0 II\n")
    found = read(make(tmp_path, "x", "x/4 1 100 5\nall 0\na 2\n~ 2\nb.1 1\n# said\n"))
    np.testing.assert_array_equal(found.signal, np.array([[0.01, 0.02, np.nan, np.nan, 0.06]], np.float32))
    assert (found.leads, found.comments, found.warnings) == (("II",), ("said",), ())


def test_a_gap_without_a_layout(tmp_path: Path) -> None:
    make(tmp_path, "a", "a 1 100 1\na.dat 16 100 16 0 0 0 0 II\n", 1)
    found = read(make(tmp_path, "x", "x/2 1 100 3\n~ 2\na 1\n"))
    np.testing.assert_array_equal(found.signal, np.array([[np.nan, np.nan, 0.01]], np.float32))


def test_segments_of_the_same_signals_in_units_of_their_own(tmp_path: Path) -> None:
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100/uV 16 0 0 0 0 II\n", 1, 1)
    make(tmp_path, "b", "b 1 100 2\nb.dat 16 100/mV 16 0 0 0 0 II\n", 5, 5)
    found = read(make(tmp_path, "x", "x/2 1 100 4\na 2\nb 2\n"))
    np.testing.assert_array_equal(found.signal, np.array([[1e-5, 1e-5, 5e-2, 5e-2]], np.float32))


def test_a_layout_names_leads_that_segments_have_in_any_order_or_lack(tmp_path: Path) -> None:
    layout = "".join(f"~ 0 0 8 0 0 0 0 {name}\n" for name in ("II", "V1", "ABP"))
    make(tmp_path, "all", f"all 3 100 0\n{layout}")
    both = "a.dat 16 100 0 0 0 0 0 V1\na.dat 16 1/mmHg 0 0 0 0 0 ABP\na.dat 16 100 0 0 0 0 0 II\n"
    make(tmp_path, "a", f"a 3 100 1\n{both}", 1, 90, 2)
    make(tmp_path, "b", "b 1 100 1\nb.dat 16 100 0 0 0 0 0 V1\n", 3)
    make(tmp_path, "c", "c 1 100 1\nc.dat 16 1/mmHg 0 0 0 0 0 ABP\n", 80)
    found = read(make(tmp_path, "x", "x/4 3 100 3\nall 0\na 1\nb 1\nc 1\n"))
    expected = np.array([[0.02, np.nan, np.nan], [0.01, 0.03, np.nan]], np.float32)
    np.testing.assert_array_equal(found.signal, expected)
    assert found.leads == ("II", "V1")
    assert found.warnings == ("left out, as they are no voltages: ABP (mmHg)",)


def test_two_rates_among_segments(tmp_path: Path) -> None:
    both = "{0}.dat 16x2 100 0 0 0 0 0 II\n{0}.dat 16 100 0 0 0 0 0 V1\n"
    make(tmp_path, "a", "a 2 100 1\n" + both.format("a"), 1, 2, 3)
    make(tmp_path, "b", "b 2 100 1\n" + both.format("b"), 4, 5, 6)
    found = read(make(tmp_path, "x", "x/2 2 100 2\na 1\nb 1\n"))
    expected = np.array([[0.01, 0.02, 0.04, 0.05], [0.03, 0.03, 0.06, 0.06]], np.float32)
    np.testing.assert_array_equal(found.signal, expected)
    assert found.fs == 200


def test_what_a_segment_leaves_open_is_said_once_it_is_read(tmp_path: Path) -> None:
    make(tmp_path, "a", "a 1 100 1\na.dat 16\n", 1)
    path = make(tmp_path, "x", "x/1 1 100 1\na 1\n")
    assert "the header states no gain: 200 a unit assumed, as WFDB does" in read(path).warnings
    with pytest.raises(
        RecordError, match=r"a\.hea: expected certain units and leads \(strict\), found: the header"
    ):
        read(path, strict=True)


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ("a 2\nmissing 2\n", r"missing\.hea: expected a WFDB header, found no such file"),
        ("long 3\na 2\n", r"long\.hea: expected 3 samples, as .*x\.hea says, found 2"),
        ("a 2\nx 2\n", r"x\.hea: expected a segment with signals, found segments within a segment"),
        ("a 2\nshort 9\n", r"a\.dat: expected 18 bytes \(9 samples of 1 leads in format 16\), found 4"),
        ("a 2\na 2\n", r"x\.hea: expected each segment once, found a again"),
        ("a 2\n././/a 2\n", r"x\.hea: expected each segment once, found a again"),
        ("a 2\nfast 2\n", r"fast\.hea: expected 100 Hz, as .*x\.hea says, found 360 Hz"),
        ("a 2\ntwo 1\n", r"two\.hea: expected 1 signals, as .*a\.hea has, found 2"),
        (
            "a 2\ndense 1\n",
            r"dense\.hea: expected 1 samples a frame in signal 1 as in the whole record, found 2",
        ),
    ],
)
def test_damaged_segments(tmp_path: Path, segments: str, message: str) -> None:
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100\n", 0, 0)
    make(tmp_path, "long", "long 1 100 2\na.dat 16 100\n")
    make(tmp_path, "short", "short 1 100\na.dat 16 100\n")
    make(tmp_path, "fast", "fast 1 360 2\na.dat 16 100\n")
    make(tmp_path, "two", "two 2 100 1\na.dat 16 100\na.dat 16 100\n")
    make(tmp_path, "dense", "dense 1 100 1\na.dat 16x2 100\n")
    path = make(tmp_path, "x", f"x/2 1 100\n{segments}")
    with pytest.raises(FormatError, match=message):
        read(path)


def test_other_signals_than_the_master_header_says(tmp_path: Path) -> None:
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100\n", 0, 0)
    with pytest.raises(FormatError, match=r"x\.hea: expected 2 signals in its segments, found 1"):
        read(make(tmp_path, "x", "x/1 2 100\na 2\n"))


def test_nothing_but_gaps_and_no_samples(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="expected at least one segment with samples, found only gaps"):
        read(make(tmp_path, "x", "x/1 1 100\n~ 5\n"))
    with pytest.raises(
        RecordError, match=r"x\.hea: expected at least one sample, found segments of 0 samples"
    ):
        read(make(tmp_path, "x", "x/1 1 100\n~ 0\n"))


def test_a_gap_of_centuries_is_refused_before_it_is_made(tmp_path: Path) -> None:
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100\n", 0, 0)
    path = make(tmp_path, "x", "x/2 1 100\na 2\n~ 999999999999\n")
    with pytest.raises(
        FormatError, match=r"x\.hea: expected at most 2147483648 samples .* found 1000000000001"
    ):
        read(path)
    path.write_text("x/2 1 100\na 2\n~ 11\n")
    with pytest.raises(
        FormatError, match=r"expected at most 10 gap samples \(the limit gap_samples\), found 11"
    ):
        read(path, replace(LIMITS, gap_samples=10))
    assert read(path, replace(LIMITS, gap_samples=11)).n_samples == 13


def test_segments_outside_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100\n", 0, 0)
    with pytest.raises(FormatError, match="expected signal files inside the header's folder"):
        read(make(folder, "x", "x/1 1 100\n../a 2\n"))
    (folder / "a.hea").symlink_to(tmp_path / "a.hea")
    with pytest.raises(
        FormatError, match=r"x\.hea: expected files inside the header's folder, found a\.hea, a link"
    ):
        read(make(folder, "x", "x/1 1 100\na 2\n"))


def test_headers_of_too_many_bytes_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        make(tmp_path, name, f"{name} 1 100 1\n{name}.dat 16 100\n", 1)
    size = (tmp_path / "a.hea").stat().st_size
    path = make(tmp_path, "x", "x/2 1 100\na 1\nb 1\n")
    monkeypatch.setattr(segments, "_MOST_HEADER_BYTES", 2 * size - 1)
    with pytest.raises(FormatError, match=rf"have at most {2 * size - 1} bytes in all, found {2 * size}"):
        read(path)
    monkeypatch.setattr(segments, "_MOST_HEADER_BYTES", 2 * size)
    assert read(path).n_samples == 2

"""From stored samples to leads in millivolts at one rate."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from wfdb_encoder import write_wfdb

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.limits import LIMITS
from einthoven.formats.wfdb import read_wfdb
from einthoven.record import Record


def read(path: Path, **changes: object) -> Record:
    return read_wfdb(path, replace(Given(where=str(path)), **changes))  # type: ignore[arg-type]


def test_signals_of_two_rates_are_brought_to_the_higher_one(tmp_path: Path) -> None:
    frames = [[[1, 2], [30]], [[3, 4], [60]]]
    path = write_wfdb(tmp_path, "16", frames, fs=125, gain="100/mV")
    (tmp_path / "x.atr").write_bytes(np.array([1 << 10 | 1, 0], "<u2").tobytes())
    found = read(path)
    expected = np.array([[0.01, 0.02, 0.03, 0.04], [0.3, 0.3, 0.6, 0.6]], np.float32)
    np.testing.assert_array_equal(found.signal, expected)
    assert found.fs == 250
    assert found.warnings == ("lead1: samples repeated to the highest rate of the record",)
    assert found.annotations is not None
    assert found.annotations.samples.tolist() == [2]


def test_one_rate_above_that_of_frames_is_no_warning(tmp_path: Path) -> None:
    found = read(write_wfdb(tmp_path, "16", [[[0, 1]], [[2, 3]]], fs=125))
    assert (found.fs, found.n_samples, found.warnings) == (250.0, 4, ())


def test_a_pressure_of_a_higher_rate_does_not_raise_that_of_the_ecg(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "16", [[[1], [80, 81, 82]]], gain="100/mV")
    path.write_text(path.read_text().replace("x3 100/mV", "x3 1/mmHg"))
    found = read(path)
    assert (found.fs, found.n_samples, found.leads) == (100.0, 1, ("lead0",))


def test_rates_that_are_no_multiples_are_refused(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "16", [[[1, 2], [3, 4, 5]]])
    with pytest.raises(
        FormatError,
        match=r"x\.hea: expected rates that are multiples of each other, found 2, 3 samples a frame in lead0",
    ):
        read(path)


def test_repeated_samples_count_as_a_gap(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "16", [[[1], [2, 3, 4, 5]]])
    with pytest.raises(
        FormatError, match=r"expected at most 2 gap samples \(the limit gap_samples\), found 3"
    ):
        read(path, limits=replace(LIMITS, gap_samples=2))


@pytest.mark.parametrize(("skew", "expected"), [(1, [2, 3, None]), (2, [3, None, None]), (9, [None] * 3)])
def test_skew_in_frames(tmp_path: Path, skew: int, expected: list[int | None]) -> None:
    frames = [[[1], [7]], [[2], [8]], [[3], [9]]]
    found = read(write_wfdb(tmp_path, "16", frames, skews=[skew, 0], gain="1/mV"))
    values = [np.nan if value is None else value for value in expected]
    np.testing.assert_array_equal(found.signal, np.array([values, [7, 8, 9]], np.float32))


def test_skew_of_several_samples_a_frame(tmp_path: Path) -> None:
    found = read(write_wfdb(tmp_path, "80", [[[1, 2]], [[3, 4]]], skews=[1], gain="1/mV"))
    np.testing.assert_array_equal(found.signal, np.array([[3, 4, np.nan, np.nan]], np.float32))


@pytest.mark.parametrize("fmt", ["80", "212", "61"])
def test_a_long_lead_is_converted_as_a_short_one(tmp_path: Path, fmt: str) -> None:
    digital = np.arange(-128, 128).repeat(300)
    found = read(write_wfdb(tmp_path, fmt, [[[int(value)]] for value in digital], gain="48(-7)/uV"))
    expected = ((digital + 7) / 48 * 1e-3).astype(np.float32)
    if fmt == "80":
        expected[digital == -128] = np.nan
    np.testing.assert_array_equal(found.signal[0], expected)


def test_a_checksum_is_compared_in_every_format_but_not_of_a_skewed_signal(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "24", [[[5], [7]], [[6], [8]]])
    text = path.read_text().replace("0 0 lead0", "12 0 lead0").replace("0 0 lead1", "15 0 lead1")
    path.write_text(text)
    assert read(path).warnings == (
        "lead0: expected checksum 12, found 11: samples were changed after the header was written",
    )
    path.write_text(text.replace("24 200", "24:1 200", 1))
    assert read(path).warnings == ()


def test_too_many_signals(tmp_path: Path) -> None:
    path = write_wfdb(tmp_path, "16", [[[1], [2], [3]]])
    with pytest.raises(FormatError, match=r"x\.hea: expected at most 2 leads \(the limit leads\), found 3"):
        read(path, limits=replace(LIMITS, leads=2))


def test_what_is_not_stated_is_a_doubt(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(bytes(4))
    path = tmp_path / "x.hea"
    path.write_text("x 1\nx.dat 16\n")
    found = read(path)
    assert found.fs == 250
    assert found.warnings == (
        "the header states no gain: 200 a unit assumed, as WFDB does",
        "the header states no sampling rate: 250 Hz assumed, as WFDB does",
    )
    assert read(path, fs=360.0).fs == 360
    with pytest.raises(RecordError, match=r"\(strict\), found: the header states no sampling rate"):
        read(path, strict=True)
    path.write_text("x 1 360\nx.dat 16\n")
    with pytest.raises(RecordError, match=r"\(strict\), found: the header states no gain"):
        read(path, strict=True)
    path.write_text("x 2 360\nx.dat 16 100\nx.dat 16 100\n")
    assert read(path).warnings == ("the header does not name every lead: called lead 1, lead 2",)
    with pytest.raises(RecordError, match=r"\(strict\), found: the header does not name every lead"):
        read(path, strict=True)
    named = read(path, strict=True, leads=("V5", "II"))
    assert (named.leads, named.warnings) == (("V5", "II"), ())
    path.write_text("x 2 360\nx.dat 16 100 0 0 0 0 0 II\nx.dat 16 100\n")
    assert read(path).leads == ("II", "lead 2")

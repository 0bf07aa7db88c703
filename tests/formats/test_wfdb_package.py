"""Records that go through the wfdb package."""

from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError
from einthoven.formats import read_record, wfdb_package

DATE_BEFORE_TIME = "2014-05-08 05:05:15"


def samples_32(*values: int) -> bytes:
    return np.array(values, "<i4").tobytes()


def make(folder: Path, name: str, header: str, data: bytes = b"") -> Path:
    if data:
        (folder / f"{name}.dat").write_bytes(data)
    path = folder / f"{name}.hea"
    path.write_text(header)
    return path


def test_a_header_that_the_package_refuses(tmp_path: Path) -> None:
    text = f"x.mat 1 300 3 {DATE_BEFORE_TIME}\nx.dat 32 100(1)/uV 0 0 0 0 0 V6 \u00e9t\u00e9\n# 50 F x\n"
    path = make(tmp_path, "x", text, samples_32(1, 101, -(2**31)))
    read = read_record(path)
    np.testing.assert_array_equal(read.signal, np.array([[0, 0.001, np.nan]], np.float32))
    assert (read.fs, read.name, dict(read.patient)) == (300.0, "x", {"age": "50", "sex": "female"})


def test_signals_of_two_rates_are_brought_to_the_higher_one(tmp_path: Path) -> None:
    lines = "x.dat 16x2 100 16 0 0 0 0 II\nx.dat 16 100 16 0 0 0 0 V\n"
    data = np.array([1, 2, 30, 3, 4, 60], "<i2").tobytes()
    (tmp_path / "x.atr").write_bytes(np.array([1 << 10 | 1, 0], "<u2").tobytes())
    read = read_record(make(tmp_path, "x", f"x 2 125 2\n{lines}", data))
    np.testing.assert_array_equal(
        read.signal, np.array([[0.01, 0.02, 0.03, 0.04], [0.3, 0.3, 0.6, 0.6]], np.float32)
    )
    assert read.fs == 250
    assert read.warnings == ("V: samples repeated to the highest rate of the record",)
    assert read.annotations is not None
    assert read.annotations.samples.tolist() == [2]


def test_one_rate_above_that_of_frames_is_no_warning(tmp_path: Path) -> None:
    read = read_record(
        make(tmp_path, "x", "x 1 125 2\nx.dat 16x2 100\n", np.arange(4, dtype="<i2").tobytes())
    )
    assert (read.fs, read.n_samples, read.warnings) == (250.0, 4, ())


def test_segments_with_a_gap(tmp_path: Path) -> None:
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100 16 0 0 0 0 II\n", np.array([1, 2], "<i2").tobytes())
    make(
        tmp_path,
        "b.1",
        f"b 1 100 1 {DATE_BEFORE_TIME}\nb.1.dat 16 50 16 0 0 0 0 II\n",
        np.array([3], "<i2").tobytes(),
    )
    make(tmp_path, "all", "all 1 100 0\n~ 0 100 16 0 0 0 0 II\n")
    path = make(tmp_path, "x", "x/4 1 100 5\nall 0\na 2\n~ 2\nb.1 1\n# said\n")
    read = read_record(path)
    np.testing.assert_array_equal(read.signal, np.array([[0.01, 0.02, np.nan, np.nan, 0.06]], np.float32))
    assert (read.leads, read.comments, read.warnings) == (("II",), ("said",), ())


def test_segments_of_one_layout(tmp_path: Path) -> None:
    for name, value in (("a", 1), ("b", 5)):
        make(
            tmp_path,
            name,
            f"{name} 1 100 2\n{name}.dat 16 100/uV 16 0 0 0 0 II\n",
            np.full(2, value, "<i2").tobytes(),
        )
    read = read_record(make(tmp_path, "x", "x/2 1 100 4\na 2\nb 2\n"))
    np.testing.assert_array_equal(read.signal, np.array([[1e-5, 1e-5, 5e-5, 5e-5]], np.float32))


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ("a 2\nc 2\n", r"c\.hea: expected a WFDB header, found no such file"),
        ("a 2\na 3\n", r"a\.hea: expected 3 samples, as .*x\.hea says, found 2"),
        ("a 2\nx 2\n", r"x\.hea: expected a segment with signals, found segments within a segment"),
        ("a 2\nshort 9\n", r"a\.dat: expected 18 bytes \(9 samples of 1 leads in format 16\), found 4"),
    ],
)
def test_damaged_segments(tmp_path: Path, segments: str, message: str) -> None:
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100\n", bytes(4))
    make(tmp_path, "short", "short 1 100\na.dat 16 100\n")
    path = make(tmp_path, "x", f"x/2 1 100\n{segments}")
    with pytest.raises(FormatError, match=message):
        read_record(path)


def test_a_gap_of_centuries_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "a", "a 1 100 2\na.dat 16 100\n", bytes(4))
    path = make(tmp_path, "x", "x/2 1 100\na 2\n~ 999999999999\n")
    with pytest.raises(
        RecordError, match="expected at most 268435456 samples to be read at once, found 1000000000001"
    ):
        read_record(path)


def test_a_claim_in_a_compressed_file_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path, "x", "x 1 100 999999999999\nx.dat 516 100\n", b"fLaC")
    with pytest.raises(RecordError, match="expected at most 268435456 samples to be read at once"):
        read_record(path)


def test_a_damaged_compressed_file(tmp_path: Path) -> None:
    path = make(tmp_path, "x", "x 1 100 9\nx.dat 516 100\n", b"nothing of the kind")
    with pytest.raises(
        FormatError, match=r"x\.hea: expected samples that the wfdb package reads, found .*FLAC"
    ):
        read_record(path)


def test_truncated_and_empty(tmp_path: Path) -> None:
    path = make(tmp_path, "x", "x 1 100 9\nx.dat 24 100\n", bytes(26))
    with pytest.raises(FormatError, match=r"x\.dat: expected 27 bytes .* found 26"):
        read_record(path)
    (tmp_path / "x.dat").write_bytes(b"")
    path.write_text("x 1 100\nx.dat 24 100\n")
    with pytest.raises(
        RecordError, match=r"x\.hea: expected at least one sample, found 0 samples of 1 leads"
    ):
        read_record(path)


def test_where_links_cannot_be_made_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    path = make(tmp_path, "x", "x 1 100 1\nx.dat 32 100\n", samples_32(7))
    monkeypatch.setattr(Path, "symlink_to", refuse)
    np.testing.assert_array_equal(read_record(path).signal, np.array([[0.07]], np.float32))


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(wfdb_package.tempfile, "tempdir", str(scratch))
    read_record(make(tmp_path, "x", "x 1 100 1\nx.dat 32 100\n", samples_32(7)))
    assert list(scratch.iterdir()) == []

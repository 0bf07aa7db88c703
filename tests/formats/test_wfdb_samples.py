from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError
from einthoven.formats.wfdb_header import SignalLine
from einthoven.formats.wfdb_samples import (
    checksum,
    checksum_warnings,
    decode_212,
    measure,
    n_bytes,
    read_digital,
    signal_files,
)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        # signal(5): the first sample is the low byte and the low nibble after it, the second the rest.
        (bytes([0x01, 0x00, 0x02]), [1, 2]),
        (bytes([0xFF, 0xF7, 0x00]), [2047, -256]),
        (bytes([0x00, 0x88, 0x00]), [-2048, -2048]),
        (bytes([0xE3, 0x33, 0xF3]), [995, 1011]),
        (bytes([0xFF, 0x0F]), [-1, 0]),
    ],
)
def test_212_by_hand(data: bytes, values: list[int]) -> None:
    np.testing.assert_array_equal(decode_212(np.frombuffer(data, np.uint8), 2), [values], strict=False)


@pytest.mark.parametrize(
    ("fmt", "n", "size"),
    [
        ("16", 3, 6),
        ("212", 2, 3),
        ("212", 3, 5),
        ("24", 2, 6),
        ("310", 3, 4),
        ("310", 2, 4),
        ("311", 2, 3),
        ("516", 9, 0),
    ],
)
def test_sizes(fmt: str, n: int, size: int) -> None:
    assert n_bytes(fmt, n) == size


def test_checksum_wraps_as_signed_16_bits() -> None:
    assert checksum(np.array([32767, 1], np.int16)) == -32768
    assert checksum(np.full(65536, 3, np.int16)) == 0


def test_checksum_that_is_stated_and_wrong_is_a_warning() -> None:
    row = np.array([1, 2, 3], np.int16)
    lines = [SignalLine("x.dat", checksum=value, description="II") for value in (6, 6 - 65536, 7, 0, None)]
    assert checksum_warnings([row] * 5, lines) == (
        "II: expected checksum 7, found 6: samples were changed after the header was written",
    )


def write(folder: Path, n: int) -> None:
    (folder / "x.dat").write_bytes(bytes(n))


def test_files_are_measured_before_they_are_read(tmp_path: Path) -> None:
    write(tmp_path, 40)
    files = signal_files(tmp_path, [SignalLine("x.dat"), SignalLine("x.dat")], "x.hea")
    assert measure(files, 10, "x.hea") == (10, ())
    assert measure(files, None, "x.hea") == (10, ())
    n_samples, (warning,) = measure(files, 9, "x.hea")
    assert n_samples == 9
    assert warning == (
        "x.dat: expected 36 bytes (9 samples of 2 leads in format 16), found 40: the rest was not read"
    )
    what = r"expected 4000000000000 bytes \(1000000000000 samples of 2 leads in format 16\), found 40"
    with pytest.raises(
        FormatError, match=rf"x\.dat: {what}: the file is truncated or x\.hea is not its header$"
    ):
        measure(files, 10**12, "x.hea")


def test_offset_beyond_the_end_is_truncation(tmp_path: Path) -> None:
    write(tmp_path, 10)
    files = signal_files(tmp_path, [SignalLine("x.dat", byte_offset=24)], "x.hea")
    assert files[0].n_bytes == 10
    with pytest.raises(FormatError, match=r"expected 24 bytes \(0 samples .* found 10"):
        measure(files, None, "x.hea")


def test_padding_of_an_odd_212_file_is_no_warning(tmp_path: Path) -> None:
    write(tmp_path, 6)
    files = signal_files(tmp_path, [SignalLine("x.dat", fmt="212")], "x.hea")
    assert measure(files, 3, "x.hea") == (3, ())


def test_rows_of_one_file_need_not_be_neighbours(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(np.array([[1, 3], [4, 6]], "<i2").tobytes())
    (tmp_path / "b.dat").write_bytes(np.array([2, 5], "<i2").tobytes())
    lines = [SignalLine("a.dat"), SignalLine("b.dat"), SignalLine("a.dat")]
    rows = read_digital(signal_files(tmp_path, lines, "x.hea"), 2)
    np.testing.assert_array_equal(rows, [[1, 4], [2, 5], [3, 6]])


def test_missing_file_unknown_format_two_formats(tmp_path: Path) -> None:
    with pytest.raises(
        FormatError, match=r"^x\.hea: expected signal file x\.dat beside it, found no such file$"
    ):
        signal_files(tmp_path, [SignalLine("x.dat")], "x.hea")
    write(tmp_path, 10)
    with pytest.raises(
        FormatError, match=r"^x\.hea: expected one of the WFDB formats 8, 16, .* in x\.dat, found 99$"
    ):
        signal_files(tmp_path, [SignalLine("x.dat", fmt="99")], "x.hea")
    with pytest.raises(FormatError, match=r"found 16, 212$"):
        signal_files(tmp_path, [SignalLine("x.dat"), SignalLine("x.dat", fmt="212")], "x.hea")
    (tmp_path / "d.dat").mkdir()
    with pytest.raises(FormatError, match=r"expected signal file d\.dat"):
        signal_files(tmp_path, [SignalLine("d.dat")], "x.hea")


def test_compressed_file_needs_the_number_of_samples(tmp_path: Path) -> None:
    write(tmp_path, 10)
    files = signal_files(tmp_path, [SignalLine("x.dat", fmt="516")], "x.hea")
    with pytest.raises(
        FormatError, match=r"expected the number of samples, as x\.dat is compressed, found none"
    ):
        measure(files, None, "x.hea")

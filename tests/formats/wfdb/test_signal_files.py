from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.errors import FormatError
from einthoven.formats.limits import LIMITS
from einthoven.formats.wfdb.header import SignalLine, parse_header
from einthoven.formats.wfdb.signal_files import measure, read_digital, signal_files, size_of


def write(folder: Path, n: int) -> None:
    (folder / "x.dat").write_bytes(bytes(n))


def test_files_are_measured_before_they_are_read(tmp_path: Path) -> None:
    write(tmp_path, 40)
    files = signal_files(tmp_path, [SignalLine("x.dat"), SignalLine("x.dat")], "x.hea", LIMITS)
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
    files = signal_files(tmp_path, [SignalLine("x.dat", byte_offset=24)], "x.hea", LIMITS)
    assert files[0].n_bytes == 10
    with pytest.raises(FormatError, match=r"expected 24 bytes \(0 samples .* found 10"):
        measure(files, None, "x.hea")


def test_padding_of_an_odd_212_file_is_no_warning(tmp_path: Path) -> None:
    write(tmp_path, 6)
    files = signal_files(tmp_path, [SignalLine("x.dat", fmt="212")], "x.hea", LIMITS)
    assert measure(files, 3, "x.hea") == (3, ())


def test_rows_of_one_file_need_not_be_neighbours(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(np.array([[1, 3], [4, 6]], "<i2").tobytes())
    (tmp_path / "b.dat").write_bytes(np.array([2, 5], "<i2").tobytes())
    lines = [SignalLine("a.dat"), SignalLine("b.dat"), SignalLine("a.dat")]
    rows = read_digital(signal_files(tmp_path, lines, "x.hea", LIMITS), lines, 2, "x.hea", LIMITS)
    np.testing.assert_array_equal(rows, [[1, 4], [2, 5], [3, 6]])


def test_missing_file_unknown_format_two_formats(tmp_path: Path) -> None:
    with pytest.raises(
        FormatError, match=r"^x\.hea: expected signal file x\.dat beside it, found no such file$"
    ):
        signal_files(tmp_path, [SignalLine("x.dat")], "x.hea", LIMITS)
    write(tmp_path, 10)
    with pytest.raises(
        FormatError, match=r"^x\.hea: expected one of the WFDB formats 8, 16, .* in x\.dat, found 99$"
    ):
        signal_files(tmp_path, [SignalLine("x.dat", fmt="99")], "x.hea", LIMITS)
    with pytest.raises(FormatError, match=r"found 16, 212$"):
        signal_files(tmp_path, [SignalLine("x.dat"), SignalLine("x.dat", fmt="212")], "x.hea", LIMITS)
    (tmp_path / "d.dat").mkdir()
    with pytest.raises(FormatError, match=r"expected signal file d\.dat"):
        signal_files(tmp_path, [SignalLine("d.dat")], "x.hea", LIMITS)


def test_compressed_file_needs_the_number_of_samples(tmp_path: Path) -> None:
    write(tmp_path, 10)
    files = signal_files(tmp_path, [SignalLine("x.dat", fmt="516")], "x.hea", LIMITS)
    with pytest.raises(
        FormatError, match=r"expected the number of samples, as x\.dat is compressed, found none"
    ):
        measure(files, None, "x.hea")


def test_a_link_out_of_the_folder_is_refused_and_one_within_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    (tmp_path / "secret.dat").write_bytes(bytes(4))
    write(folder, 6)
    (folder / "out.dat").symlink_to(tmp_path / "secret.dat")
    (folder / "in.dat").symlink_to(folder / "x.dat")
    with pytest.raises(
        FormatError,
        match=r"^x\.hea: expected files inside the header's folder, found out\.dat, a link that leads out",
    ):
        signal_files(folder, [SignalLine("out.dat")], "x.hea", LIMITS)
    assert signal_files(folder, [SignalLine("in.dat")], "x.hea", LIMITS)[0].n_bytes == 6


def test_a_name_too_long_for_a_file_is_no_file(tmp_path: Path) -> None:
    assert size_of(tmp_path / ("x" * 5000), tmp_path, "x.hea") is None


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, 10)
    with pytest.raises(
        FormatError, match=r"x\.dat: expected at most 9 file bytes \(the limit file_bytes\), found 10"
    ):
        signal_files(tmp_path, [SignalLine("x.dat")], "x.hea", replace(LIMITS, file_bytes=9))


def test_more_samples_than_the_limit_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, 12)
    lines = [SignalLine("x.dat")] * 2
    files = signal_files(tmp_path, lines, "x.hea", LIMITS)
    with pytest.raises(
        FormatError, match=r"x\.hea: expected at most 5 samples \(the limit samples\), found 6"
    ):
        read_digital(files, lines, 3, "x.hea", replace(LIMITS, samples=5))


def test_a_file_that_shrank_after_it_was_measured(tmp_path: Path) -> None:
    write(tmp_path, 10)
    lines = [SignalLine("x.dat", byte_offset=2)]
    files = signal_files(tmp_path, lines, "x.hea", LIMITS)
    write(tmp_path, 9)
    with pytest.raises(FormatError, match=r"x\.dat: expected 8 bytes after 2, found 7"):
        read_digital(files, lines, 4, "x.hea", LIMITS)


def test_differences_are_summed_from_the_initial_value(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(bytes([1, 2, 255]))
    line = SignalLine("x.dat", fmt="8", initial_value=-7)
    files = signal_files(tmp_path, [line], "x.hea", LIMITS)
    (row,) = read_digital(files, [line], 3, "x.hea", LIMITS)
    assert row.tolist() == [-6, -4, -5]
    beyond = replace(line, initial_value=2**31)
    with pytest.raises(FormatError, match="expected an initial value of 32 bits, found 2147483648"):
        read_digital(files, [beyond], 3, "x.hea", LIMITS)


def test_sums_wrap_as_32_bits_do(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(bytes([1]))
    line = SignalLine("x.dat", fmt="8", initial_value=2**31 - 1)
    files = signal_files(tmp_path, [line], "x.hea", LIMITS)
    (row,) = read_digital(files, [line], 1, "x.hea", LIMITS)
    assert row.tolist() == [-(2**31)]


def test_a_file_is_one_however_it_is_spelt(tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(bytes(8))
    lines = "x.dat 16 100\n./x.dat 16 100\n.//x.dat 16 100\n././x.dat 16 100\n"
    header = parse_header(f"x 4 100 1\n{lines}", "x.hea")
    (file,) = signal_files(tmp_path, header.signals, "x.hea", LIMITS)
    assert file.rows == (0, 1, 2, 3)

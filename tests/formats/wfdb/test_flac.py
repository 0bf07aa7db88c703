"""Compressed signal files; that they hold the right samples is shown against wfdb in tests/oracle."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from einthoven.errors import FormatError
from einthoven.formats.given import Given
from einthoven.formats.limits import LIMITS, Limits
from einthoven.formats.wfdb import read_wfdb
from einthoven.record import Record

SAMPLES = np.array([[1, -1], [300, -300], [-32768, 32767]], np.int16)


def make(
    folder: Path, header: str, samples: np.ndarray = SAMPLES, subtype: str = "PCM_16", kind: str = "FLAC"
) -> Path:
    soundfile.write(folder / "x.dat", samples, 250, subtype=subtype, format=kind)
    path = folder / "x.hea"
    path.write_text(header)
    return path


def read(path: Path, limits: Limits = LIMITS) -> Record:
    return read_wfdb(path, Given(where=str(path), limits=limits))


def lines(form: str = "516", n: int = 2) -> str:
    return "".join(f"x.dat {form} 100/mV 0 0 0 0 0 lead{i}\n" for i in range(n))


def test_samples_and_what_says_that_one_is_missing(tmp_path: Path) -> None:
    found = read(make(tmp_path, f"x 2 250 3\n{lines()}"))
    expected = np.array([[0.01, 3, np.nan], [-0.01, -3, 327.67]], np.float32)
    np.testing.assert_array_equal(found.signal, expected)


def test_what_is_no_flac_stream(tmp_path: Path) -> None:
    path = make(tmp_path, f"x 2 250 3\n{lines()}", kind="WAV")
    with pytest.raises(FormatError, match=r"x\.dat: expected a FLAC stream in format 516, found b'RIFF'"):
        read(path)
    (tmp_path / "x.dat").write_bytes(b"fLaC and nothing more")
    with pytest.raises(FormatError, match=r"x\.dat: expected an undamaged FLAC stream, found "):
        read(path)


def test_more_bits_than_the_format(tmp_path: Path) -> None:
    path = make(tmp_path, f"x 2 250 3\n{lines('508')}")
    with pytest.raises(FormatError, match=r"x\.dat: expected at most 8 bits in format 508, found 16"):
        read(path)


def test_other_channels_than_the_header(tmp_path: Path) -> None:
    path = make(tmp_path, f"x 1 250 3\n{lines(n=1)}")
    with pytest.raises(FormatError, match=r"x\.dat: expected 1 channels as the header, found 2"):
        read(path)


def test_two_rates_in_one_stream(tmp_path: Path) -> None:
    text = lines().replace("516", "516x2", 1)
    with pytest.raises(
        FormatError,
        match=r"x\.hea: expected one rate in the compressed file x\.dat, found 2, 1 samples a frame",
    ):
        read(make(tmp_path, f"x 2 250 1\n{text}"))


def test_fewer_samples_than_the_header_says(tmp_path: Path) -> None:
    path = make(tmp_path, f"x 2 250 4\n{lines()}")
    with pytest.raises(
        FormatError, match=r"x\.dat: expected 4 samples of each signal, found 3: the file is trunc"
    ):
        read(path)
    path.write_text(f"x 2 250 3\n{lines('516+1')}")
    with pytest.raises(FormatError, match=r"x\.dat: expected 4 samples of each signal, found 3"):
        read(path)


def test_a_stream_that_ends_before_its_own_header_says(tmp_path: Path) -> None:
    long = np.arange(2 * 60000, dtype=np.int16).reshape(-1, 2)
    path = make(tmp_path, f"x 2 250 60000\n{lines()}", long)
    data = (tmp_path / "x.dat").read_bytes()
    (tmp_path / "x.dat").write_bytes(data[: len(data) // 2])
    with pytest.raises(FormatError, match=r"x\.dat: expected (60000 samples|an undamaged FLAC stream)"):
        read(path)


def test_a_claim_is_refused_by_its_limit_and_allocates_nothing(tmp_path: Path) -> None:
    path = make(tmp_path, f"x 2 250 999999999999\n{lines()}")
    with pytest.raises(
        FormatError, match=r"expected at most 2147483648 samples \(the limit samples\), found 19999"
    ):
        read(path)


def test_what_unpacks_to_more_than_the_limit(tmp_path: Path) -> None:
    silence = np.zeros((2**16, 2), np.int16)
    path = make(tmp_path, f"x 2 250 65536\n{lines()}", silence)
    assert (tmp_path / "x.dat").stat().st_size < 2**14
    limits = replace(LIMITS, unpacked_bytes=2**17)
    with pytest.raises(
        FormatError,
        match=r"x\.dat: expected at most 131072 unpacked bytes \(the limit unpacked_bytes\), found 262144",
    ):
        read(path, limits)
    assert read(path).n_samples == 65536


def test_the_number_of_samples_must_be_stated(tmp_path: Path) -> None:
    with pytest.raises(
        FormatError, match=r"expected the number of samples, as x\.dat is compressed, found none"
    ):
        read(make(tmp_path, f"x 2 250\n{lines()}"))


def test_more_samples_than_the_limit(tmp_path: Path) -> None:
    path = make(tmp_path, f"x 2 250 3\n{lines()}")
    assert read(path, replace(LIMITS, samples=6)).n_samples == 3
    with pytest.raises(FormatError, match=r"at most 5 samples \(the limit samples\), found 6"):
        read(path, replace(LIMITS, samples=5))

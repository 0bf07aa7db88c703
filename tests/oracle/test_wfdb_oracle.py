"""Our WFDB decoding against the wfdb package's, bit for bit."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from einthoven.formats import read_record
from einthoven.formats.wfdb_samples import n_bytes

with warnings.catch_warnings():
    # The package's own use of pandas is deprecated; that is not ours to mend.
    warnings.simplefilter("ignore")
    import wfdb

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

WRITTEN_BITS = {"24": 24, "32": 30, "80": 8, "508": 8, "516": 16, "524": 24}


def write_with_wfdb(
    folder: Path, fmt: str, digital: np.ndarray, *, gain: float = 200.0, baseline: int = 0, units: str = "mV"
) -> Path:
    n_leads = digital.shape[1]
    wfdb.wrsamp(
        "x",
        fs=360,
        units=[units] * n_leads,
        sig_name=[f"ch{i}" for i in range(n_leads)],
        d_signal=digital.astype(np.int64),
        fmt=[fmt] * n_leads,
        adc_gain=[gain] * n_leads,
        baseline=[baseline] * n_leads,
        write_dir=str(folder),
    )
    return folder / "x.hea"


def physical(path: Path) -> np.ndarray:
    return wfdb.rdrecord(str(path.with_suffix(""))).p_signal.T.astype(np.float32)


def random_digital(bits: int, shape: tuple[int, int]) -> np.ndarray:
    rng = np.random.default_rng(bits * shape[0] + shape[1])
    return rng.integers(-(2 ** (bits - 1)) + 1, 2 ** (bits - 1), shape)


@pytest.mark.parametrize("n_leads", [1, 2, 3])
@pytest.mark.parametrize("n_samples", [1, 2, 3, 100, 101])
@pytest.mark.parametrize(("fmt", "bits"), [("16", 16), ("212", 12)])
@pytest.mark.parametrize(("gain", "baseline"), [(200.0, 1024), (1000.0, 0), (4880.0, -7), (0.3, 5)])
def test_native_formats(
    tmp_path: Path, fmt: str, bits: int, n_samples: int, n_leads: int, gain: float, baseline: int
) -> None:
    digital = random_digital(bits, (n_samples, n_leads))
    path = write_with_wfdb(tmp_path, fmt, digital, gain=gain, baseline=baseline)
    record = read_record(path)
    np.testing.assert_array_equal(record.signal, physical(path), strict=True)
    assert record.warnings == ()


@pytest.mark.parametrize(("fmt", "missing"), [("16", -32768), ("212", -2048)])
def test_missing_samples(tmp_path: Path, fmt: str, missing: int) -> None:
    digital = random_digital(12, (50, 2))
    digital[3:7, 1] = missing
    path = write_with_wfdb(tmp_path, fmt, digital)
    record = read_record(path)
    assert np.isnan(record.signal[1, 3:7]).all()
    assert np.isnan(record.signal).sum() == 4
    np.testing.assert_array_equal(record.signal, physical(path))


@pytest.mark.parametrize(("fmt", "bits"), WRITTEN_BITS.items())
@pytest.mark.parametrize("n_samples", [30, 31])
def test_formats_that_the_package_writes(tmp_path: Path, fmt: str, bits: int, n_samples: int) -> None:
    path = write_with_wfdb(tmp_path, fmt, random_digital(bits, (n_samples, 2)), baseline=3)
    np.testing.assert_array_equal(read_record(path).signal, physical(path), strict=True)


@pytest.mark.parametrize("fmt", ["8", "61", "160", "310", "311"])
@pytest.mark.parametrize("n_samples", [30, 31])
def test_formats_that_the_package_only_reads(tmp_path: Path, fmt: str, n_samples: int) -> None:
    size = n_bytes(fmt, 2 * n_samples)
    (tmp_path / "x.dat").write_bytes(np.random.default_rng(int(fmt)).bytes(size))
    path = tmp_path / "x.hea"
    line = f"x.dat {fmt} 200(3)/mV 0 0 17 0 0"
    path.write_text(f"x 2 360 {n_samples}\n{line} I\n{line} II\n")
    np.testing.assert_array_equal(read_record(path).signal, physical(path), strict=True)


def test_formats_16_and_212_in_one_record(tmp_path: Path) -> None:
    digital = random_digital(12, (41, 3))
    wfdb.wrsamp(
        "x",
        fs=250,
        units=["mV"] * 3,
        sig_name=["I", "II", "III"],
        d_signal=digital,
        fmt=["16", "212", "212"],
        adc_gain=[200.0, 100.0, 300.0],
        baseline=[0, 1, 2],
        write_dir=str(tmp_path),
    )
    path = tmp_path / "x.hea"
    assert len(list(tmp_path.glob("*.dat"))) == 2
    np.testing.assert_array_equal(read_record(path).signal, physical(path))


def test_skew(tmp_path: Path) -> None:
    path = write_with_wfdb(tmp_path, "16", random_digital(16, (40, 2)))
    lines = path.read_text().splitlines()
    lines[2] = lines[2].replace(" 16 ", " 16:5 ", 1)
    path.write_text("\n".join(lines) + "\n")
    signal = read_record(path).signal
    assert np.isnan(signal[1, -5:]).all()
    np.testing.assert_array_equal(signal, physical(path))


def test_annotations(tmp_path: Path) -> None:
    write_with_wfdb(tmp_path, "16", random_digital(16, (6000, 1)))
    samples = np.array([0, 5, 1028, 1029, 2053, 5999])
    symbols = ["N", "V", "+", "/", '"', "r"]
    notes = ["", "", "(AFIB", "", "odd", "even"]
    wfdb.wrann(
        "x",
        "atr",
        samples,
        symbol=symbols,
        aux_note=notes,
        chan=np.array([0, 1] * 3),
        write_dir=str(tmp_path),
    )
    annotations = read_record(tmp_path / "x.hea").annotations
    assert annotations is not None
    np.testing.assert_array_equal(annotations.samples, samples)
    assert annotations.symbols == tuple(symbols)
    assert annotations.notes == tuple(notes)


def test_annotations_with_their_own_time_resolution(tmp_path: Path) -> None:
    write_with_wfdb(tmp_path, "16", random_digital(16, (720, 1)))
    wfdb.wrann("x", "atr", np.array([100, 200]), symbol=["N", "N"], fs=180, write_dir=str(tmp_path))
    annotations = read_record(tmp_path / "x.hea").annotations
    assert annotations is not None
    np.testing.assert_array_equal(annotations.samples, [200, 400])


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["100", "102", "114", "201", "207", "232"])
def test_mitdb(data_folder: Path, name: str) -> None:
    path = data_folder / "mitdb/1.0.0" / f"{name}.hea"
    record = read_record(path)
    np.testing.assert_array_equal(record.signal, physical(path), strict=True)
    assert record.warnings == ()
    expected = wfdb.rdann(str(path.with_suffix("")), "atr")
    assert record.annotations is not None
    np.testing.assert_array_equal(record.annotations.samples, expected.sample)
    assert list(record.annotations.symbols) == expected.symbol
    assert [note.rstrip("\0") for note in expected.aux_note] == list(record.annotations.notes)


@pytest.mark.realdata
@pytest.mark.parametrize("source", ["georgia", "chapman_shaoxing_ningbo", "ptb-xl", "cpsc_2018_text"])
def test_challenge_2020_against_scipy(data_folder: Path, source: str) -> None:
    folder = data_folder / "challenge-2020/1.0.2/training" / source
    for path in sorted(folder.rglob("*.hea"))[::20]:
        lines = path.read_text().splitlines()
        gain = float(lines[1].split()[2].partition("/")[0])
        digital = scipy.io.loadmat(path.with_suffix(".mat"))["val"]
        record = read_record(path)
        np.testing.assert_array_equal(record.signal, (digital / gain).astype(np.float32), strict=True)
        assert record.leads == ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
        assert record.warnings == ()
        assert f"Age: {record.patient.get('age', 'NaN')}" in record.comments


@pytest.mark.realdata
def test_challenge_2017_against_scipy(data_folder: Path) -> None:
    folder = data_folder / "challenge-2017/1.0.0/training2017"
    for path in sorted(folder.glob("*.mat"))[::700]:
        digital = scipy.io.loadmat(path)["val"]
        record = read_record(path)
        np.testing.assert_array_equal(record.signal, (digital / 1000.0).astype(np.float32), strict=True)
        assert (record.fs, record.name) == (300.0, path.stem)
        assert record.warnings == ()


@pytest.mark.realdata
def test_ptb_xl(data_folder: Path) -> None:
    folder = data_folder / "ptb-xl/1.0.3"
    for path in sorted(folder.rglob("*.hea"))[::200]:
        np.testing.assert_array_equal(read_record(path).signal, physical(path), strict=True)

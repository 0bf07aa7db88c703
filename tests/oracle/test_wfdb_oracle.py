"""Our WFDB decoding against the wfdb package's, bit for bit."""

import re
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st
from wfdb_encoder import RANGES, write_wfdb

from einthoven.formats.given import Given
from einthoven.formats.wfdb import read_wfdb
from einthoven.formats.wfdb.samples import n_bytes
from einthoven.record import Record

with warnings.catch_warnings():
    # The package's own use of pandas is deprecated; that is not ours to mend.
    warnings.simplefilter("ignore")
    import wfdb

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

WRITTEN_BITS = {"24": 24, "32": 30, "80": 8, "508": 8, "516": 16, "524": 24}


def read_back(path: Path) -> Record:
    """Read without asking whether amplitudes are those of an ECG, which random ones are not."""
    return read_wfdb(path, Given(where=str(path), name=path.stem))


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
    record = read_back(path)
    np.testing.assert_array_equal(record.signal, physical(path), strict=True)
    assert record.warnings == ()


@pytest.mark.parametrize(("fmt", "missing"), [("16", -32768), ("212", -2048)])
def test_missing_samples(tmp_path: Path, fmt: str, missing: int) -> None:
    digital = random_digital(12, (50, 2))
    digital[3:7, 1] = missing
    path = write_with_wfdb(tmp_path, fmt, digital)
    record = read_back(path)
    assert np.isnan(record.signal[1, 3:7]).all()
    assert np.isnan(record.signal).sum() == 4
    np.testing.assert_array_equal(record.signal, physical(path))


@pytest.mark.parametrize(("fmt", "bits"), WRITTEN_BITS.items())
@pytest.mark.parametrize("n_samples", [30, 31])
def test_formats_that_the_package_writes(tmp_path: Path, fmt: str, bits: int, n_samples: int) -> None:
    path = write_with_wfdb(tmp_path, fmt, random_digital(bits, (n_samples, 2)), baseline=3)
    np.testing.assert_array_equal(read_back(path).signal, physical(path), strict=True)


@pytest.mark.parametrize("fmt", ["8", "61", "160", "310", "311"])
@pytest.mark.parametrize("n_samples", [30, 31])
def test_formats_that_the_package_only_reads(tmp_path: Path, fmt: str, n_samples: int) -> None:
    size = n_bytes(fmt, 2 * n_samples)
    data = np.frombuffer(np.random.default_rng(int(fmt)).bytes(size), np.uint8).copy()
    if fmt == "311":
        # Two of 32 bits are of no sample; wfdb 4.3.1 takes one of them for a bit of the third.
        data[3::4] &= 0x3F
    (tmp_path / "x.dat").write_bytes(data.tobytes())
    path = tmp_path / "x.hea"
    line = f"x.dat {fmt} 200(3)/mV 0 0 17 0 0"
    path.write_text(f"x 2 360 {n_samples}\n{line} I\n{line} II\n")
    np.testing.assert_array_equal(read_back(path).signal, physical(path), strict=True)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    fmt = draw(st.sampled_from(sorted(RANGES)))
    widths = draw(st.lists(st.sampled_from([1, 2, 4]), min_size=1, max_size=3))
    n_frames = draw(st.integers(1, 7))
    low, high = RANGES[fmt]
    samples = st.integers(low, high)
    frames = [[[draw(samples) for _ in range(width)] for width in widths] for _ in range(n_frames)]
    # wfdb reads no two different skews, and cannot say that a sample of format 8 is missing.
    skew = draw(st.integers(0, 3)) if fmt != "8" else 0
    skews = [draw(st.sampled_from([0, skew])) for _ in widths]
    return {"fmt": fmt, "frames": frames, "offset": draw(st.integers(0, 5)), "skews": skews}


@settings(max_examples=150, deadline=None)
@given(record=records())
def test_every_format_with_any_rates_offset_and_skew(record: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_wfdb(Path(folder), **record)
        read = read_back(path)
        theirs = wfdb.rdrecord(str(path.with_suffix("")), smooth_frames=False)
    widths = list(map(len, record["frames"][0]))
    width = max(widths)
    for row, skew, own in zip(theirs.e_p_signal, record["skews"], widths, strict=True):
        # wfdb 4.3.1 moves a signal by frames, but of what is missing then it marks as many samples only.
        row[max(0, len(row) - skew * own) :] = np.nan
    expected = [np.repeat(row, width * theirs.sig_len // len(row)) for row in theirs.e_p_signal]
    np.testing.assert_array_equal(read.signal, np.array(expected, np.float32), strict=True)
    assert read.fs == theirs.fs * width


@st.composite
def segmented(draw: st.DrawFn) -> tuple[bool, list[list[list[int]] | int]]:
    """Whether there is a layout; segments of three leads, or of one of them, or the length of a gap."""
    has_layout = draw(st.booleans())
    segments: list[list[list[int]] | int] = []
    for _ in range(draw(st.integers(1, 4))):
        n_samples = draw(st.integers(1, 5))
        rows = [[draw(st.integers(-9, 9)) for _ in range(n_samples)] for _ in range(3)]
        segments.append(rows)
        if has_layout and draw(st.booleans()):
            segments.append(draw(st.integers(1, 4)))
    return has_layout, segments


@settings(max_examples=60, deadline=None)
@given(record=segmented(), order=st.permutations(["II", "V1", "V5"]), n_leads=st.integers(1, 3))
def test_segments(record: tuple[bool, list[list[list[int]] | int]], order: list[str], n_leads: int) -> None:
    has_layout, segments = record
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = []
        if has_layout:
            layout = "".join(f"~ 0 100/mV 8 0 0 0 0 {lead}\n" for lead in ("II", "V1", "V5"))
            (folder / "all.hea").write_text(f"all 3 100 0\n{layout}")
            lines.append("all 0")
        for i, segment in enumerate(segments):
            if isinstance(segment, int):
                lines.append(f"~ {segment}")
                continue
            leads = order[:n_leads] if has_layout else ["II", "V1", "V5"]
            own = np.array(segment[: len(leads)], "<i2")
            (folder / f"s{i}.dat").write_bytes(own.T.tobytes())
            text = "".join(f"s{i}.dat 16 {100 + i}({i})/mV 16 0 0 0 0 {lead}\n" for lead in leads)
            (folder / f"s{i}.hea").write_text(f"s{i} {len(leads)} 100 {own.shape[1]}\n{text}")
            lines.append(f"s{i} {own.shape[1]}")
        n_samples = sum(int(line.split()[1]) for line in lines)
        path = folder / "x.hea"
        path.write_text(f"x/{len(lines)} 3 100 {n_samples}\n" + "\n".join(lines) + "\n")
        read = read_back(path)
        theirs = physical(path)
    assert read.leads == ("II", "V1", "V5")
    np.testing.assert_array_equal(read.signal, theirs, strict=True)


@pytest.mark.parametrize(("fmt", "stored"), [("516", "508"), ("524", "508"), ("524", "516")])
def test_a_stream_of_fewer_bits_than_its_format(tmp_path: Path, fmt: str, stored: str) -> None:
    path = write_with_wfdb(tmp_path, stored, random_digital(8, (9, 2)))
    path.write_text(path.read_text().replace(f" {stored} ", f" {fmt} "))
    np.testing.assert_array_equal(read_back(path).signal, physical(path), strict=True)


@pytest.mark.parametrize("fmt", ["508", "516", "524"])
def test_compressed_with_an_offset_and_several_samples_a_frame(tmp_path: Path, fmt: str) -> None:
    path = write_with_wfdb(tmp_path, fmt, random_digital(WRITTEN_BITS[fmt], (21, 2)))
    text = path.read_text().replace(f" {fmt} ", f" {fmt}x4+5 ").replace("x 2 360 21", "x 2 90 4")
    path.write_text(text)
    read = read_back(path)
    theirs = wfdb.rdrecord(str(path.with_suffix("")), smooth_frames=False)
    np.testing.assert_array_equal(read.signal, np.array(theirs.e_p_signal, np.float32), strict=True)
    assert (read.fs, read.n_samples) == (360.0, 16)


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
    np.testing.assert_array_equal(read_back(path).signal, physical(path))


def test_skew(tmp_path: Path) -> None:
    path = write_with_wfdb(tmp_path, "16", random_digital(16, (40, 2)))
    lines = path.read_text().splitlines()
    lines[2] = lines[2].replace(" 16 ", " 16:5 ", 1)
    path.write_text("\n".join(lines) + "\n")
    signal = read_back(path).signal
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
    annotations = read_back(tmp_path / "x.hea").annotations
    assert annotations is not None
    np.testing.assert_array_equal(annotations.samples, samples)
    assert annotations.symbols == tuple(symbols)
    assert annotations.notes == tuple(notes)


def test_annotations_with_their_own_time_resolution(tmp_path: Path) -> None:
    write_with_wfdb(tmp_path, "16", random_digital(16, (720, 1)))
    wfdb.wrann("x", "atr", np.array([100, 200]), symbol=["N", "N"], fs=180, write_dir=str(tmp_path))
    annotations = read_back(tmp_path / "x.hea").annotations
    assert annotations is not None
    np.testing.assert_array_equal(annotations.samples, [200, 400])


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["100", "102", "114", "201", "207", "232"])
def test_mitdb(data_folder: Path, name: str) -> None:
    path = data_folder / "mitdb/1.0.0" / f"{name}.hea"
    record = read_back(path)
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
        record = read_back(path)
        np.testing.assert_array_equal(record.signal, (digital / gain).astype(np.float32), strict=True)
        assert record.leads == ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
        assert record.warnings == ()
        ages = re.findall(r"^#\s*Age: (\d+)$", path.read_text(), re.MULTILINE)
        assert ([record.patient["age"]] if "age" in record.patient else []) == ages


@pytest.mark.realdata
def test_challenge_2017_against_scipy(data_folder: Path) -> None:
    folder = data_folder / "challenge-2017/1.0.0/training2017"
    for path in sorted(folder.glob("*.mat"))[::700]:
        digital = scipy.io.loadmat(path)["val"]
        record = read_back(path.with_suffix(".hea"))
        np.testing.assert_array_equal(record.signal, (digital / 1000.0).astype(np.float32), strict=True)
        assert (record.fs, record.name) == (300.0, path.stem)
        assert record.warnings == ()


@pytest.mark.realdata
def test_ptb_xl(data_folder: Path) -> None:
    folder = data_folder / "ptb-xl/1.0.3"
    for path in sorted(folder.rglob("*.hea"))[::200]:
        np.testing.assert_array_equal(read_back(path).signal, physical(path), strict=True)

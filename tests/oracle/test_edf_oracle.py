"""Our EDF and BDF against edfio and EDFlib (through pyedflib), bit for bit."""

import datetime
from collections.abc import Callable
from pathlib import Path

import edfio
import numpy as np
import pyedflib
import pytest
from edf_file import Wave, edf_file

from einthoven.formats.edf import encode_edf, read_edf
from einthoven.formats.given import Given
from einthoven.record import Annotation, Record

X = Given(where="x.edf")
RANGES = [(-3276.8, 3276.7), (-1, 1), (0.001, 2.5), (500, -500)]
PYEDFLIB_DATA = Path(pyedflib.__file__).parent / "tests" / "data"


def as_millivolts(physical: np.ndarray, unit: str) -> np.ndarray:
    return (physical * {"uV": 1e-3, "mV": 1.0, "V": 1e3}[unit]).astype(np.float32)


def signals_of_pyedflib(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    with pyedflib.EdfReader(str(path)) as reader:
        return [
            (reader.readSignal(i, digital=True), reader.readSignal(i)) for i in range(reader.signals_in_file)
        ]


@pytest.mark.parametrize("unit", ["uV", "mV", "V"])
@pytest.mark.parametrize("physical", RANGES)
@pytest.mark.parametrize(
    ("cls", "container", "read", "dtype"),
    [
        (edfio.EdfSignal, edfio.Edf, edfio.read_edf, np.int16),
        (edfio.BdfSignal, edfio.Bdf, edfio.read_bdf, np.int32),
    ],
)
def test_files_of_edfio(
    tmp_path: Path, cls: type, container: type, read: Callable, dtype: type, physical: tuple, unit: str
) -> None:
    limits = np.iinfo(np.int16) if dtype is np.int16 else (-8388608, 8388607)
    least, most = (limits.min, limits.max) if dtype is np.int16 else limits
    rng = np.random.default_rng(5)
    digital = [rng.integers(least, most + 1, 1000).astype(dtype) for _ in range(2)]
    made = [
        cls.from_digital(row, 250, label=f"ECG V{i}", physical_dimension=unit, physical_range=physical)
        for i, row in enumerate(digital, 1)
    ]
    data = container(made, data_record_duration=1).to_bytes()
    ours = read_edf(data, X)
    theirs = read(data)
    for lead, row, signal in zip(ours.signal, digital, theirs.signals, strict=True):
        np.testing.assert_array_equal(signal.digital, row)
        np.testing.assert_array_equal(lead, as_millivolts(signal.data, unit), strict=True)
    path = tmp_path / f"x.{'edf' if dtype is np.int16 else 'bdf'}"
    path.write_bytes(data)
    for lead, row, (theirs_digital, theirs_physical) in zip(
        ours.signal, digital, signals_of_pyedflib(path), strict=True
    ):
        np.testing.assert_array_equal(theirs_digital, row)
        np.testing.assert_array_equal(lead, as_millivolts(theirs_physical, unit))


@pytest.mark.parametrize("ending", ["edf", "bdf"])
def test_files_of_edflib(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x.{ending}"
    kind = pyedflib.FILETYPE_EDFPLUS if ending == "edf" else pyedflib.FILETYPE_BDFPLUS
    most = 32767 if ending == "edf" else 8388607
    rng = np.random.default_rng(7)
    rows = [rng.uniform(-4, 4, 3 * 360) for _ in range(2)]
    writer = pyedflib.EdfWriter(str(path), 2, file_type=kind)
    writer.setSignalHeaders(
        [
            {
                "label": f"ECG {name}",
                "dimension": "mV",
                "sample_frequency": 360,
                "physical_min": -5,
                "physical_max": 5,
                "digital_min": -most - 1,
                "digital_max": most,
                "transducer": "",
                "prefilter": "HP:0.05Hz",
            }
            for name in ("I", "II")
        ]
    )
    writer.setStartdatetime(datetime.datetime(2020, 3, 2, 4, 5, 6))
    writer.setPatientName("Jane_Doe")
    writer.setPatientCode("P7")
    writer.setSex(0)
    writer.setBirthdate(datetime.date(1950, 1, 31))
    writer.writeSamples(rows)
    writer.writeAnnotation(1.5, -1, "V")
    writer.writeAnnotation(2.0, 0.5, "Walking")
    writer.close()
    ours = read_edf(path.read_bytes(), X)
    for lead, (_, physical) in zip(ours.signal, signals_of_pyedflib(path), strict=True):
        np.testing.assert_array_equal(lead, as_millivolts(physical, "mV"), strict=True)
    assert (ours.fs, ours.leads) == (360.0, ("I", "II"))
    assert dict(ours.patient) == {
        "id": "P7",
        "name": "Jane Doe",
        "birth_date": "1950-01-31",
        "sex": "female",
    }
    assert ours.recording["recorded_at"] == "2020-03-02T04:05:06"
    assert ours.recording["high_pass_hz"] == "0.05"
    marks = ours.annotations
    assert marks is not None
    assert (marks.samples.tolist(), marks.symbols) == ([540, 720], ("V", '"'))
    assert marks.notes == ("", "Walking (0.5 s)")


@pytest.mark.parametrize("name", ["test_generator.edf", "test_generator.bdf", "test_legacy.edf"])
def test_files_that_come_with_pyedflib(name: str) -> None:
    path = PYEDFLIB_DATA / name
    if not path.is_file():
        pytest.skip(f"this pyedflib comes without {name}")
    with pyedflib.EdfReader(str(path)) as reader:
        labels = reader.getSignalLabels()
        units = [reader.getPhysicalDimension(i) for i in range(len(labels))]
        rates = reader.getSampleFrequencies()
    compared = 0
    for label, unit, rate, (_, physical) in zip(labels, units, rates, signals_of_pyedflib(path), strict=True):
        if unit not in ("uV", "mV") or labels.count(label) > 1:
            continue
        ours = read_edf(path.read_bytes(), Given(where=name, leads=(label,)))
        np.testing.assert_array_equal(ours.signal[0], as_millivolts(physical, unit), strict=True)
        assert ours.fs == rate
        compared += 1
    assert compared > 0


def our_file() -> tuple[bytes, Record]:
    rng = np.random.default_rng(11)
    signal = np.cumsum(rng.normal(0, 0.05, (3, 3001)), axis=1).astype(np.float32)
    record = Record(
        signal,
        300,
        ("I", "II", "V1"),
        annotations=Annotation(np.array([0, 300, 3000]), ("N", "V", '"'), ("", "", "Walking")),
        patient={"id": "P7", "name": "Jane Doe", "birth_date": "1950-01-31", "sex": "female"},
        recording={"recorded_at": "2020-03-02T04:05:06.500000", "device": "Recorder 3"},
    )
    return encode_edf(record), record


def test_our_files_in_edfio() -> None:
    data, record = our_file()
    theirs = edfio.read_edf(data)
    ours = read_edf(data, X)
    for lead, signal in zip(ours.signal, theirs.signals, strict=True):
        np.testing.assert_array_equal(lead, as_millivolts(signal.data, "uV")[: record.n_samples])
    assert theirs.is_continuous
    assert theirs.labels == ("ECG I", "ECG II", "ECG V1")
    assert theirs.startdatetime == datetime.datetime(2020, 3, 2, 4, 5, 6, 500000)
    assert theirs.patient.code == "P7"
    assert theirs.patient.name == "Jane_Doe"
    assert theirs.patient.sex == "F"
    assert theirs.patient.birthdate == datetime.date(1950, 1, 31)
    assert theirs.recording.equipment_code == "Recorder_3"
    assert [(a.onset, a.text) for a in theirs.annotations] == [
        (0.0, "N"),
        (1.0, "V"),
        (10.0, "Walking"),
        (pytest.approx(10.0033333), "Recording ends"),
    ]


def test_our_files_in_edflib(tmp_path: Path) -> None:
    data, record = our_file()
    path = tmp_path / "x.edf"
    path.write_bytes(data)
    ours = read_edf(data, X)
    for lead, (_, physical) in zip(ours.signal, signals_of_pyedflib(path), strict=True):
        np.testing.assert_array_equal(lead, as_millivolts(physical, "uV")[: record.n_samples])
    with pyedflib.EdfReader(str(path)) as reader:
        assert reader.getSampleFrequencies().tolist() == [300, 300, 300]
        # Of half a second pyedflib 0.1.42 makes 0.05: EDFlib's unit is 100 ns.
        assert reader.getStartdatetime().replace(microsecond=0) == datetime.datetime(2020, 3, 2, 4, 5, 6)
        assert reader.getPatientName() == "Jane Doe"
        onsets, _, texts = reader.readAnnotations()
    assert list(texts) == ["N", "V", "Walking", "Recording ends"]
    np.testing.assert_allclose(onsets, [0, 1, 10, 10.0033333], atol=1e-6)


@pytest.mark.parametrize("fs", [360.5, 1000 / 3, 97.31, 250.0])
def test_rates_that_need_long_or_odd_data_records(tmp_path: Path, fs: float) -> None:
    signal = np.arange(2000, dtype=np.float32)[None] / 1000
    data = encode_edf(Record(signal, fs, ("II",)))
    (theirs,) = edfio.read_edf(data).signals
    assert theirs.sampling_frequency == pytest.approx(fs, rel=1e-7)
    path = tmp_path / "x.edf"
    path.write_bytes(data)
    (digital, _) = signals_of_pyedflib(path)[0]
    np.testing.assert_array_equal(digital[:2000], np.arange(2000))


@pytest.mark.parametrize("bdf", [False, True])
def test_the_double_makes_files_that_both_read(tmp_path: Path, bdf: bool) -> None:
    data = edf_file(Wave(), Wave("ECG V1", ((1, 2), (3, 4))), bdf=bdf)
    path = tmp_path / f"x.{'bdf' if bdf else 'edf'}"
    path.write_bytes(data)
    assert [digital.tolist() for digital, _ in signals_of_pyedflib(path)] == [[*range(1, 9)], [1, 2, 3, 4]]
    read = edfio.read_bdf if bdf else edfio.read_edf
    assert [signal.digital.tolist() for signal in read(data).signals] == [[*range(1, 9)], [1, 2, 3, 4]]

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from einthoven.errors import FormatError, RecordError
from einthoven.formats import read_record

LEADS_12 = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def mat(variables: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, variables, **options)
    return stream.getvalue()


@pytest.mark.parametrize("version", ["4", "5"])
def test_challenge_array_without_header(version: str) -> None:
    data = mat({"val": np.array([[1000, -500, 0]], np.int16)}, format=version)
    record = read_record(data, fs=300, units="uV")
    np.testing.assert_array_equal(record.signal, np.array([[1, -0.5, 0]], np.float32), strict=True)
    with pytest.raises(
        RecordError, match=r"expected fs \(Hz\) and units of the samples, found none: pass fs=, units="
    ):
        read_record(data)


def test_compressed_and_columns() -> None:
    data = mat({"anything": np.arange(10.0).reshape(5, 2), "note": "text"}, do_compression=True)
    record = read_record(data, fs=300, units="mV", leads=["I", "II"])
    assert record.signal.tolist() == [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]


def test_a_rate_in_the_file_counts() -> None:
    assert read_record(mat({"ecg": np.zeros(9), "Fs": 257.0}), units="mV").fs == 257
    with pytest.raises(RecordError, match="expected fs=300 Hz as given, found 257 Hz in the file"):
        read_record(mat({"ecg": np.zeros(9), "fs": 257}), fs=300, units="mV")


def test_cpsc_2018_structure() -> None:
    signal = np.arange(12 * 20.0).reshape(12, 20) / 100
    record = read_record(mat({"ECG": {"sex": "Male", "age": 74, "data": signal}}))
    np.testing.assert_array_equal(record.signal, signal.astype(np.float32))
    assert (record.fs, record.leads, record.warnings) == (500.0, LEADS_12, ())
    assert dict(record.patient) == {"age": "74", "sex": "male"}
    unknown = read_record(
        mat({"ECG": {"sex": "", "age": np.nan, "data": signal}}), leads=["V2"], fs=500, units="mV"
    )
    assert (dict(unknown.patient), unknown.leads, unknown.fs) == ({}, ("V2",), 500.0)
    np.testing.assert_array_equal(unknown.signal[0], signal[7].astype(np.float32))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"units": "uV"}, "expected units=uV as given, found mV in the file"),
        ({"fs": 250}, "expected fs=250 Hz as given, found 500 Hz in the file"),
    ],
)
def test_cpsc_2018_against_what_is_given(option: dict[str, Any], message: str) -> None:
    data = mat({"ECG": {"sex": "Male", "age": 74, "data": np.zeros((12, 20))}})
    with pytest.raises(RecordError, match=message):
        read_record(data, **option)


def test_another_structure_states_nothing() -> None:
    data = mat({"ECG": {"data": np.zeros((3, 9))}})
    assert read_record(data, fs=300, units="mV").n_leads == 3
    with pytest.raises(RecordError, match=r"expected fs \(Hz\) and units"):
        read_record(data)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"a": np.zeros(5), "b": np.zeros(5)},
            "expected a numeric array 'val' or a structure 'ECG', found a, b",
        ),
        ({}, "found no variable"),
        ({"s": {"x": 1}}, "found s$"),
        (
            {"val": np.zeros((2, 3, 4))},
            r"expected an array of shape \(n_leads, n_samples\), found \(2, 3, 4\)",
        ),
        ({"ECG": {"data": "text"}}, r"expected numbers in ECG\.data, found str"),
    ],
)
def test_files_without_one_signal(variables: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_record(mat(variables), fs=300, units="mV")


def test_empty_array() -> None:
    with pytest.raises(FormatError, match="expected a numeric array 'val'"):
        read_record(mat({"val": np.zeros((0, 0))}), fs=300, units="mV")


@pytest.mark.parametrize("version", ["4", "5"])
def test_truncated(version: str) -> None:
    data = mat({"val": np.zeros((1, 1000))}, format=version)
    with pytest.raises(FormatError, match="expected a MATLAB file, found"):
        read_record(data[:500], fs=300, units="mV")


def test_version_7_3_is_named() -> None:
    data = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM" + bytes(400)
    with pytest.raises(
        FormatError, match=r"expected MATLAB up to version 7\.2, found 7\.3: save it with '-v7'"
    ):
        read_record(data, fs=300, units="mV")


@pytest.mark.realdata
def test_real_challenge_file_without_its_header(data_folder: Path) -> None:
    path = data_folder / "challenge-2017/1.0.0/training2017/A00002.mat"
    record = read_record(path.read_bytes(), fs=300, units="uV")
    np.testing.assert_array_equal(record.signal, read_record(path).signal)

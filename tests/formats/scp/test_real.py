"""A recording of an electrocardiograph, version 1.0: the reference beat was subtracted, nothing protected."""

import os
from pathlib import Path

import numpy as np
import pytest

from einthoven.formats.given import Given
from einthoven.formats.scp import looks_like_scp, read_scp

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def data() -> bytes:
    folder = os.environ.get("EINTHOVEN_FORMATS")
    if not folder:
        pytest.skip("EINTHOVEN_FORMATS is not set: no files of other formats to read")
    return (Path(folder) / "scp_test.scp").read_bytes()


def test_a_burdick_cart(data: bytes) -> None:
    assert looks_like_scp(data[:65536])
    record = read_scp(data, Given(where="scp_test.scp", strict=True))
    assert (record.fs, record.signal.shape, record.warnings) == (500.0, (12, 5000), ())
    assert record.leads == ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
    assert dict(record.patient) == {
        "id": "0000000",
        "name": "xxxx xxxxxxx",
        "birth_date": "1954-01-01",
        "age": "49",
        "sex": "male",
    }
    assert record.recording["recorded_at"] == "2004-01-01T02:13:18"
    assert (record.recording["manufacturer"], record.recording["device"]) == ("Burdick", "PLUSI")
    assert record.recording["notch_hz"] == "60"
    assert record.statements[0] == "Ectopic atrial rhythm"
    assert record.statements[-1] == "Abnormal ECG"


def test_its_samples_are_those_of_a_heart(data: bytes) -> None:
    record = read_scp(data, Given(where="scp_test.scp"))
    first, second, third = record.signal[:3].astype(np.float64)
    np.testing.assert_allclose(third, second - first, atol=1e-6)
    assert not np.isnan(record.signal).any()
    peaks = np.abs(record.signal).max(axis=1)
    assert (peaks > 0.3).all()
    assert (peaks < 3).all()
    # Steps of the residual are 20 uV, those of the reference beat 5 uV.
    stored = record.signal[[0, 1, *range(6, 12)]].astype(np.float64) * 200
    np.testing.assert_allclose(stored, np.rint(stored), atol=1e-3)
    # Where the zones of subtraction begin and end, the curve goes on.
    jumps = np.abs(np.diff(record.signal, axis=1))
    for begin in (109, 973, 2295, 3707):
        assert jumps[:, begin - 2].max() < 0.06
        assert jumps[:, begin + 347].max() < 0.06


def test_its_beats(data: bytes) -> None:
    record = read_scp(data, Given(where="scp_test.scp"))
    assert record.annotations is not None
    assert record.annotations.samples.tolist() == [
        *(253, 705, 1117, 1617, 2065, 2439, 2955, 3426, 3851, 4340, 4605)
    ]
    beat = record.representative_beat
    assert beat is not None
    assert (beat.fs, beat.signal.shape, beat.leads) == (500.0, (12, 349), record.leads)
    # It is the usual beat, which most QRS complexes of type 2 are.
    for fiducial in (1617, 2065):
        part = record.signal[:, fiducial - 145 : fiducial + 204]
        for own, usual in zip(part, beat.signal, strict=True):
            assert np.corrcoef(own, usual)[0, 1] > 0.8

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from einthoven.errors import FormatError, RecordError
from einthoven.formats.arrays import oriented, record_from
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits

GIVEN = Given(where="x.npy", name="x", path="/d/x.npy", fs=250, units="uV")


def test_one_dimension_is_one_lead_and_the_longer_of_two_is_time() -> None:
    assert oriented(np.zeros(5), "x").shape == (1, 5)
    assert oriented(np.zeros((2, 5)), "x").shape == (2, 5)
    np.testing.assert_array_equal(oriented(np.array([[1, 2], [3, 4], [5, 6]]), "x"), [[1, 3, 5], [2, 4, 6]])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array(["a"]), "expected real numbers, found an array of <U1"),
        (np.zeros(3, complex), "expected real numbers, found an array of complex128"),
        (np.zeros(3, bool), "expected real numbers, found an array of bool"),
        (np.zeros((2, 3, 4)), r"expected an array of shape \(n_leads, n_samples\), found \(2, 3, 4\)"),
        (np.float64(1), r"expected an array of shape \(n_leads, n_samples\), found \(\)"),
    ],
)
def test_what_is_no_recording(array: np.ndarray, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^x\.npy: {message}$"):
        oriented(np.asarray(array), "x.npy")


def test_record_in_millivolts() -> None:
    record = record_from(np.array([[1000, -500]]), GIVEN)
    np.testing.assert_array_equal(record.signal, np.array([[1.0, -0.5]], np.float32), strict=True)
    assert (record.fs, record.leads, record.name, record.path) == (250.0, ("ECG",), "x", "/d/x.npy")
    assert record.warnings == ()


def test_unnamed_leads_are_a_warning() -> None:
    record = record_from(np.zeros((2, 3)), GIVEN, warnings=("earlier",))
    assert record.leads == ("lead 1", "lead 2")
    assert record.warnings == (
        "earlier",
        "the file states no lead names: called lead 1 to lead 2; pass leads= to name them",
    )


def test_given_leads_name_or_select() -> None:
    given = Given(where="x", fs=250, units="mV", leads=("avr", "V1"))
    assert record_from(np.zeros((2, 3)), given).leads == ("aVR", "V1")
    record = record_from(np.array([[1], [2], [3]]), given, leads=("V1", "II", "aVR"))
    assert record.leads == ("aVR", "V1")
    assert record.signal.tolist() == [[3], [1]]
    with pytest.raises(RecordError, match="expected 3 lead names, found 2"):
        record_from(np.zeros((3, 3)), given)


@pytest.mark.parametrize(
    ("fs", "units", "message"),
    [
        (None, None, r"expected fs \(Hz\) and units of the samples, found none: "
                     r"pass fs=, units= \(on the command line --fs, --units\)"),
        (None, "mV", r"expected fs \(Hz\), found none: pass fs= \(on the command line --fs\)"),
        (250, None, r"expected units of the samples, found none: "
                    r"pass units= \(on the command line --units\)"),
        (0, "mV", r"expected a sampling rate above 0 Hz, found 0"),
        (float("nan"), "mV", "expected a sampling rate above 0 Hz, found nan"),
    ],
)  # fmt: skip
def test_what_must_be_given(fs: float | None, units: str | None, message: str) -> None:
    with pytest.raises(RecordError, match=rf"^x\.npy: {message}$"):
        record_from(np.zeros((1, 3)), Given(where="x.npy", path="x.npy", fs=fs, units=units))


def test_unknown_unit() -> None:
    with pytest.raises(FormatError, match=r"x\.npy: expected a unit of V, mV, uV or nV, found 'bananas'"):
        record_from(np.zeros((1, 3)), Given(where="x.npy", fs=250, units="bananas"))


def test_infinite_or_too_large_samples() -> None:
    for value in (np.inf, 1e300):
        with pytest.raises(RecordError, match="expected finite samples"):
            record_from(np.array([[value]]), GIVEN)


TIMES = np.arange(50) * 4
LEAD = np.sin(TIMES)


def test_an_array_may_hold_times() -> None:
    record = record_from(np.array([TIMES / 1000, LEAD]), Given(where="x", units="mV"))
    assert (record.fs, record.leads, record.n_samples) == (250.0, ("ECG",), 50)
    np.testing.assert_array_equal(record.signal[0], LEAD.astype(np.float32))
    assert record.warnings == (
        "channel 1 rises evenly by 0.004: taken as times in s, so 250 Hz, not as a lead",
    )


def test_names_of_leads_count_the_leads_only() -> None:
    given = Given(where="x", fs=250, units="mV", leads=("II",))
    assert record_from(np.array([TIMES, LEAD]), given).leads == ("II",)
    message = r"^x: expected 1 lead names, found 2: channel 1 rises evenly by 4: taken as times in ms"
    with pytest.raises(RecordError, match=message):
        record_from(np.array([TIMES, LEAD]), Given(where="x", fs=250, units="mV", leads=("I", "II")))


def test_channels_that_the_file_names_are_leads() -> None:
    record = record_from(np.array([TIMES, LEAD]), GIVEN, leads=("I", "II"))
    assert (record.leads, record.warnings) == (("I", "II"), ())


@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64])
def test_conversion_in_parts_rounds_once(dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einthoven.formats.arrays._CONVERTED_AT_ONCE", 7)
    signal = np.random.default_rng(0).uniform(-3e4, 3e4, (2, 100)).astype(dtype)
    expected = np.multiply(signal, 1e-3, dtype=np.float64).astype(np.float32)
    np.testing.assert_array_equal(record_from(signal, GIVEN, leads=("I", "II")).signal, expected, strict=True)


def test_conversion_takes_no_more_memory_than_its_result() -> None:
    signal = np.ones((1, 2**23), np.int16)
    tracemalloc.start()
    try:
        record = record_from(signal, GIVEN, leads=("I",))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Beside the samples: what marks the infinite, a byte each, and the part that is converted.
    assert peak < 1.7 * record.signal.nbytes


def test_an_array_without_samples_says_so() -> None:
    with pytest.raises(FormatError, match=r"found no samples in an array of shape \(1, 0\)"):
        oriented(np.zeros((1, 0)), "x.npy")


@pytest.mark.parametrize("leads", [None, ("I", "II", "III")])
@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(leads=2), r"expected at most 2 leads \(the limit leads\), found 3"),
        (Limits(samples=11), r"expected at most 11 samples \(the limit samples\), found 12"),
    ],
)
def test_beyond_the_limits(leads: tuple[str, ...] | None, limits: Limits, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^x\.npy: {message}$"):
        record_from(np.zeros((3, 4)), replace(GIVEN, limits=limits), leads=leads)
    assert record_from(np.zeros((3, 4)), replace(GIVEN, limits=Limits(leads=3, samples=12))).n_leads == 3

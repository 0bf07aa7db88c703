"""Which signals become leads, and in what units."""

import numpy as np
import pytest
from edf_file import Wave, edf_file

from einthoven.errors import RecordError
from einthoven.formats.edf import read_edf
from einthoven.formats.given import Given

X = Given(where="x.edf")
STRICT = Given(where="x.edf", strict=True)


def test_signals_without_an_ecg_label_are_a_doubt() -> None:
    data = edf_file(Wave("Channel 1"), Wave("Fp1"), Wave("Pulse", dimension="bpm"))
    record = read_edf(data, X)
    assert record.leads == ("Channel 1",)
    assert record.warnings == (
        "no signal has the label of an ECG: taken as ECG: Channel 1",
        "left out, as they are no ECG: Fp1, Pulse (bpm)",
    )
    with pytest.raises(RecordError, match=r"\(strict\), found: no signal has the label of an ECG"):
        read_edf(data, STRICT)


def test_a_signal_that_is_asked_for_is_a_lead() -> None:
    data = edf_file(Wave("Fp1"), Wave("Cz"), Wave("ECG"))
    record = read_edf(data, Given(where="x", leads=("FP1",)))
    assert (record.leads, record.warnings) == (("Fp1",), ())


def test_no_ecg() -> None:
    with pytest.raises(RecordError, match=r"x.edf: expected an ECG, found Fp1, signal 2 \(%\)"):
        read_edf(edf_file(Wave("Fp1"), Wave("", dimension="%")), X)


def test_signals_without_a_label() -> None:
    data = edf_file(Wave(""), Wave("", records=((9, 9, 9, 9),) * 2))
    assert read_edf(data, X).leads == ("lead 1", "lead 2")
    record = read_edf(data, Given(where="x", leads=("V2", "I")))
    assert (record.leads, record.warnings) == (("V2", "I"), ())
    assert record.signal[1, 0] == np.float32(0.009)


def test_an_ecg_that_is_no_voltage_is_left_out() -> None:
    data = edf_file(Wave("ECG I", dimension="adu"), Wave("ECG II"))
    record = read_edf(data, X)
    assert (record.leads, record.warnings) == (("II",), ("left out, as they are no ECG: ECG I (adu)",))


def test_many_that_are_left_out_are_counted() -> None:
    data = edf_file(Wave(), *(Wave(f"EEG {i}") for i in range(15)))
    (warning,) = read_edf(data, X).warnings
    assert warning.endswith("EEG 11 and 3 more")


def test_equal_labels_are_numbered() -> None:
    assert read_edf(edf_file(Wave("ECG"), Wave("EKG")), X).leads == ("ECG", "ECG 2")


@pytest.mark.parametrize(
    ("dimension", "millivolts"),
    [("uV", 1e-3), ("mV", 1.0), ("V", 1e3), ("nV", 1e-6), ("microV", 1e-3), ("mVolts", 1.0), ("Volt", 1e3)],
)
def test_units(dimension: str, millivolts: float) -> None:
    record = read_edf(edf_file(Wave(dimension=dimension)), X)
    assert (record.signal[0, 0], record.warnings) == (np.float32(millivolts), ())


def test_a_lost_micro_sign_is_a_doubt() -> None:
    data = edf_file(Wave(dimension="?V"))
    record = read_edf(data, X)
    assert (record.signal[0, 0], record.warnings) == (
        np.float32(1e-3),
        ("the unit is spelt '?V': taken as uV",),
    )
    with pytest.raises(RecordError, match="strict"):
        read_edf(data, STRICT)


@pytest.mark.parametrize(("most", "unit", "millivolts"), [(10, "mV", 1.0), (3000, "uV", 1e-3)])
def test_no_unit_is_a_doubt(most: int, unit: str, millivolts: float) -> None:
    wave = Wave(dimension="", physical=(-most, most), digital=(-2048, 2048))
    record = read_edf(edf_file(wave), X)
    assert record.warnings == (f"no unit is stated: taken as {unit}, as the range is {-most} to {most}",)
    assert record.signal[0, 0] == np.float32(most / 2048 * millivolts)
    given = read_edf(edf_file(wave), Given(where="x", units="V"))
    assert (given.warnings, given.signal[0, 0]) == ((), np.float32(most / 2048 * 1e3))
    with pytest.raises(RecordError, match="strict"):
        read_edf(edf_file(wave), STRICT)


@pytest.mark.parametrize(("most", "digital"), [(32767, 32767), (90000, 2048)])
def test_no_unit_and_no_calibration(most: int, digital: int) -> None:
    wave = Wave(dimension="", physical=(-most, most), digital=(-digital, digital))
    with pytest.raises(RecordError, match=r"expected the units of lead II, found none: pass units= \(on the"):
        read_edf(edf_file(wave), X)


def test_damage_to_signals_that_are_left_out_does_not_matter() -> None:
    data = edf_file(Wave(), Wave("EEG 1", physical=("x", "x"), digital=(0, 0)))
    assert read_edf(data, X).leads == ("II",)

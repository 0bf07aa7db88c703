from dataclasses import replace

import numpy as np
import pytest
from dicom_files import channel, coded, ecg, group
from pydicom.dataset import Dataset

from einthoven.errors import FormatError, RecordError
from einthoven.formats.dicom import read_dicom
from einthoven.formats.given import Given
from einthoven.record import Record

GIVEN = Given(where="x.dcm")


def read(*channels: Dataset | str, given: Given = GIVEN, **changes: object) -> Record:
    rows = [[10 * (i + 1)] for i in range(len(channels))]
    return read_dicom(ecg(group(rows, channels, **changes)), given)


def source(code: str, scheme: str, meaning: str = "some lead", **changes: object) -> Dataset:
    return channel(None, ChannelSourceSequence=[coded(code, scheme, meaning)], **changes)


@pytest.mark.parametrize(
    ("code", "scheme", "lead"),
    [
        ("2:1", "MDC", "I"),
        ("2:61", "MDC", "III"),
        ("2:64", "MDC", "aVF"),
        ("2:9", "MDC", "V7"),
        ("2:11", "MDC", "V3R"),
        ("2:16", "MDC", "X"),
        ("2:65", "MDC", "-aVR"),
        ("131073", "MDC", "I"),
        ("MDC_ECG_LEAD_V3", "MDC", "V3"),
        ("5.6.3-9-1", "SCPECG", "I"),
        ("5.6.3-9-62", "SCPECG", "aVR"),
        ("62", "SCPECG", "aVR"),
    ],
)
def test_codes_of_leads(code: str, scheme: str, lead: str) -> None:
    found = read(source(code, scheme))
    assert found.leads == (lead,)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("label", "code", "lead"),
    [
        ("II", None, "II"),
        ("Lead avl", None, "aVL"),
        ("MLII", ("2:0", "MDC", "Unspecified lead"), "MLII"),
        (None, ("L2", "99OWN", "Lead II (Einthoven)"), "II"),
        ("V4", ("5.6.3-9", "SCPECG", "odd"), "V4"),
    ],
)
def test_labels_are_a_doubt(label: str | None, code: tuple[str, str, str] | None, lead: str) -> None:
    one = channel(None) if code is None else source(*code)
    if label is not None:
        one.ChannelLabel = label
    found = read(one)
    assert found.leads == (lead,)
    assert found.warnings == (f"lead {lead}: it has no code of a lead: called as its label says",)
    with pytest.raises(RecordError, match=r"\(strict\), found: lead .*: it has no code of a lead"):
        read(one, given=replace(GIVEN, strict=True))


def test_channels_without_any_name() -> None:
    channels = [channel(None), source("2:0", "MDC", "Unspecified lead")]
    found = read(*channels)
    assert found.leads == ("lead 1", "lead 2")
    assert found.warnings == ("leads lead 1, lead 2: the file does not say which lead it is",)
    named = read(*channels, given=replace(GIVEN, leads=("V5", "II"), strict=True))
    assert (named.leads, named.warnings) == (("V5", "II"), ())
    with pytest.raises(RecordError, match="expected lead V5, found lead 1, lead 2"):
        read(*channels, given=replace(GIVEN, leads=("V5",)))


def test_a_computed_lead_is_said() -> None:
    found = read(source("2:31", "MDC", "Derived Lead I"), "V1")
    assert found.leads == ("I", "V1")
    assert found.warnings == ("lead I: computed by the device from other leads",)


def test_what_is_no_ecg_is_left_out() -> None:
    pressure = channel("V5", ChannelSensitivityUnitsSequence=[coded("mm[Hg]", "UCUM")])
    other = source("2:18948", "MDC", "ABP", ChannelLabel="ABP")
    respiration = channel(None, ChannelLabel="RESP")
    calibration = source("5.6.3-9-31", "SCPECG", "I-cal")
    found = read("I", pressure, other, respiration, calibration)
    assert found.leads == ("I",)
    assert found.warnings == (
        "left out: V5 (in mm[Hg], which is no voltage), ABP (its code is not that of an ECG lead), "
        "RESP (its name is not that of an ECG lead), I-cal (calibration pulses)",
    )
    asked = read("I", respiration, given=replace(GIVEN, leads=("RESP",)))
    np.testing.assert_array_equal(asked.signal, np.array([[0.05]], np.float32))
    with pytest.raises(
        FormatError, match=r"^x\.dcm: expected a channel of an ECG lead, found ABP \(its code is not"
    ):
        read(other)


@pytest.mark.parametrize(
    ("unit", "meaning", "millivolts"),
    [("uV", "microvolt", 2.5e-3), ("mV", "millivolt", 2.5), ("V", "volt", 2500.0), ("nV", "nanovolt", 2.5e-6),
     ("265875", "MDC_DIM_MICRO_VOLT", 2.5e-3), ("x", "Microvolts", 2.5e-3)],
)  # fmt: skip
def test_units(unit: str, meaning: str, millivolts: float) -> None:
    one = channel("II", ChannelSensitivityUnitsSequence=[coded(unit, "UCUM", meaning)])
    np.testing.assert_array_equal(read(one).signal, np.array([[10 * millivolts]]).astype(np.float32))


def test_sensitivity_correction_and_baseline() -> None:
    one = channel("II", ChannelSensitivityCorrectionFactor="1.1", ChannelBaseline="-7")
    np.testing.assert_array_equal(
        read(one).signal, np.array([[(10 * 2.5 * 1.1 - 7) * 1e-3]]).astype(np.float32)
    )


def test_a_sensitivity_that_is_not_stated_is_a_doubt() -> None:
    without = {"ChannelSensitivity": None, "ChannelSensitivityUnitsSequence": None}
    channels = [channel("I", **without), channel("II", **without)]
    found = read(*channels)
    assert found.warnings == ("leads I, II: the file states no sensitivity: taken as 1 uV a step",)
    np.testing.assert_array_equal(found.signal, np.array([[0.01], [0.02]], np.float32))
    with pytest.raises(RecordError, match=r"\(strict\), found: leads I, II: the file states no sensitivity"):
        read(*channels, given=replace(GIVEN, strict=True))
    told = read(*channels, given=replace(GIVEN, strict=True, units="mV"))
    assert (told.signal.tolist(), told.warnings) == ([[10], [20]], ())
    in_units = read(channel("I", ChannelSensitivity=None))
    assert in_units.warnings == ("lead I: the file states no sensitivity: taken as 1 uV a step",)


def test_a_unit_that_is_not_stated_is_a_doubt() -> None:
    one = channel("I", ChannelSensitivityUnitsSequence=None)
    found = read(one)
    assert found.warnings == ("lead I: the file states no unit of its sensitivity: taken as uV",)
    np.testing.assert_array_equal(found.signal, np.array([[0.025]], np.float32))
    told = read(one, given=replace(GIVEN, units="mV"))
    assert (told.signal.tolist(), told.warnings) == ([[25]], ())


def test_other_units_than_the_caller_gave() -> None:
    assert read("II", given=replace(GIVEN, units="uV")).n_samples == 1
    with pytest.raises(RecordError, match="expected units=mV as given, found uV in the file for a channel"):
        read("II", given=replace(GIVEN, units="mV"))


def test_a_sensitivity_of_zero() -> None:
    with pytest.raises(
        FormatError, match=r"ChannelDefinitionSequence 1: expected a channel sensitivity other than 0"
    ):
        read(channel("II", ChannelSensitivity="0"))


def test_other_channel_definitions_than_channels() -> None:
    for n, found in ((1, "more"), (3, "2")):
        data = ecg(group([[1], [2]], ["I", "II"], NumberOfWaveformChannels=n))
        with pytest.raises(
            FormatError,
            match=rf"x\.dcm, WaveformSequence 1: expected {n} channel definitions, found {found}$",
        ):
            read_dicom(data, GIVEN)

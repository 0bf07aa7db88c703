"""Waveforms of MUSE: samples, scales, computed leads, and what does not agree."""

from dataclasses import replace

import numpy as np
import pytest
from muse_document import document, lead, waveform

from einthoven.errors import FormatError, RecordError
from einthoven.formats.given import Given
from einthoven.formats.limits import Limits
from einthoven.formats.muse import read_muse
from einthoven.record import TWELVE_LEADS, Record

X = Given(where="x.xml")


def read(*leads: str, given: Given = X, **of_waveform: str) -> Record:
    return read_muse(document(waveform(*leads, **of_waveform)), given)


def refusal(*leads: str, given: Given = X, **of_waveform: str) -> str:
    with pytest.raises((FormatError, RecordError), match=r"^x\.xml") as error:
        read(*leads, given=given, **of_waveform)
    return str(error.value).removeprefix("x.xml, waveform Rhythm").removeprefix("x.xml")


@pytest.mark.parametrize(
    ("per_bit", "units", "factor"),
    [
        ("4.88", "MICROVOLTS", 0.00488),
        ("5", "microvolts", 0.005),
        ("0.00488", "MILLIVOLTS", 0.00488),
        ("4880", "NANOVOLTS", 0.00488),
        ("4.88e-6", "VOLTS", 0.00488),
        ("2.5", "MICROVOLT", 0.0025),
        ("2.5", "uV", 0.0025),
        ("2.5", "µV", 0.0025),
        ("0.0025", "mV", 0.0025),
    ],
)
def test_amplitudes(per_bit: str, units: str, factor: float) -> None:
    record = read(lead("V1", [-32768, -1, 0, 32767], per_bit=per_bit, units=units))
    assert record.warnings == ()
    assert np.array_equal(record.signal, np.float32(np.array([[-32768, -1, 0, 32767]]) * factor))


@pytest.mark.parametrize(
    ("base", "power", "fs"),
    [
        ("500", "0", 500),
        ("5", "2", 500),
        ("25", "1", 250),
        ("1", "3", 1000),
        ("2500", "-1", 250),
        ("0.5", "3", 500),
    ],
)
def test_sampling_rates(base: str, power: str, fs: float) -> None:
    assert read(lead("V1", [1]), base=base, power=power).fs == fs


@pytest.mark.parametrize(
    ("base", "power", "message"),
    [
        (
            "0",
            "0",
            ": expected SampleBase * 10 ** SampleExponent above 0 and at most 1e+06 Hz, found 0 and 0",
        ),
        ("-500", "0", ": expected SampleBase * 10 ** SampleExponent above 0"),
        ("500", "9", ": expected SampleBase * 10 ** SampleExponent above 0"),
        ("500", "999999999999", ": expected SampleBase * 10 ** SampleExponent above 0"),
        ("fast", "0", ", SampleBase: expected a number, found 'fast'"),
        ("500", "x", ", SampleExponent: expected a whole number, found 'x'"),
        ("", "", ", SampleBase: expected a sampling rate, found none: pass fs= (on the command line --fs)"),
    ],
)
def test_sampling_rates_that_are_refused(base: str, power: str, message: str) -> None:
    assert refusal(lead("V1", [1]), base=base, power=power).startswith(message)


def test_what_the_caller_says() -> None:
    assert read(lead("V1", [1]), base="", given=replace(X, fs=250)).fs == 250
    assert refusal(lead("V1", [1]), given=replace(X, fs=250)) == (
        ": expected fs=250 Hz as given, found 500 Hz in the file"
    )
    assert refusal(lead("V1", [1]), given=replace(X, units="mV")) == (
        ": expected units=mV as given, found uV in the file for lead V1"
    )


def test_a_missing_unit_or_amplitude_is_a_doubt() -> None:
    bare = lead("V1", [3], per_bit="", units="")
    record = read(bare)
    assert record.signal[0, 0] == np.float32(0.003)
    assert record.warnings == (
        "the file states no unit of lead V1: taken as uV",
        "the file states no amplitude of a bit of lead V1: taken as 1 uV",
    )
    assert refusal(bare, given=replace(X, strict=True)).endswith(
        "found: the file states no unit of lead V1: taken as uV"
    )
    said = read(lead("V1", [3], units=""), given=replace(X, units="mV"))
    assert (said.signal[0, 0], said.warnings) == (np.float32(14.64), ())


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"units": "PARSECS"}, ", lead V1: expected a unit of V, mV, uV or nV, found 'PARSECS'"),
        ({"per_bit": "x"}, ", lead V1, LeadAmplitudeUnitsPerBit: expected a number, found 'x'"),
        ({"per_bit": "0"}, ", lead V1, LeadAmplitudeUnitsPerBit: expected a number above 0, found 0"),
        ({"per_bit": "-4.88"}, ", lead V1, LeadAmplitudeUnitsPerBit: expected a number above 0, found -4.88"),
        ({"per_bit": "9e99"}, ": expected samples of a voltage, found one too large for float32"),
        ({"text": "AQAC"}, ", lead V1, WaveFormData: expected samples of 2 bytes, found 3 bytes"),
        ({"text": "AQA"}, ", lead V1, WaveFormData: expected base64, found Incorrect padding"),
        ({"text": "AQ*A"}, ", lead V1, WaveFormData: expected base64, found Only base64 data is allowed"),
        ({"text": "AQÄA"}, ", lead V1, WaveFormData: expected base64, found "),
        (
            {"more": "<LeadSampleSize>4</LeadSampleSize>"},
            ", lead V1, LeadSampleSize: expected samples of 2 bytes",
        ),
    ],
)
def test_damaged_leads(part: dict[str, str], message: str) -> None:
    assert refusal(lead("V1", [1], **part)).startswith(message)  # type: ignore[arg-type]


def test_computed_limb_leads() -> None:
    i, ii = [100, 3, -32768], [60, 8, 32767]
    chest = [lead(f"V{n}", [n, n, n]) for n in range(1, 7)]
    record = read(lead("I", i), lead("II", ii), *chest)
    assert record.leads == TWELVE_LEADS
    assert record.warnings == ()
    steps = {
        "III": [-40, 5, 65535],
        "aVR": [-80, -5.5, 0.5],
        "aVL": [70, -1, -49151.5],
        "aVF": [10, 6.5, 49151],
    }
    for name, expected in steps.items():
        row = record.signal[record.leads.index(name)]
        assert np.array_equal(row, np.float32(np.array(expected) * 0.00488)), name


def test_computed_limb_leads_of_different_scales() -> None:
    record = read(lead("II", [100], per_bit="2"), lead("I", [100], per_bit="5"))
    assert record.leads == TWELVE_LEADS[:6]
    assert record.signal[:, 0].tolist() == np.float32([0.5, 0.2, -0.3, -0.35, 0.4, -0.05]).tolist()


def test_leads_that_are_stored_are_not_computed() -> None:
    record = read(lead("I", [1]), lead("II", [1]), lead("AVF", [77], per_bit="1"))
    assert record.leads == TWELVE_LEADS[:6]
    assert record.signal[5, 0] == np.float32(0.077)
    assert read(lead("II", [1]), lead("V1", [1]), lead("V5", [1])).leads == ("II", "V1", "V5")


def test_right_sided_and_posterior_leads_follow_the_twelve() -> None:
    record = read(lead("V4R", [1]), lead("V7", [2]), lead("II", [3]), lead("I", [4]), lead("V3R", [5]))
    assert record.leads == (*TWELVE_LEADS[:6], "V4R", "V7", "V3R")
    assert record.signal[-1, 0] == np.float32(0.0244)


def test_a_lead_without_a_name_is_a_doubt() -> None:
    record = read(lead("V1", [1]), lead("", [2]))
    assert record.leads == ("V1", "lead 2")
    assert record.warnings == ("the file does not say which lead number 2 is: called lead 2",)
    with pytest.raises(RecordError, match="strict"):
        read(lead("", [2]), given=replace(X, strict=True))


def test_a_lead_that_is_there_twice() -> None:
    record = read(lead("V1", [1]), lead("v1", [2]))
    assert (record.leads, record.signal[0, 0]) == (("V1",), np.float32(0.00488))
    assert record.warnings == ("lead V1 is there twice: the first one is read",)


def test_leads_of_different_length() -> None:
    record = read(lead("I", [1, 2, 3]), lead("II", [1, 2]), lead("V1", []))
    assert np.isnan(record.signal).tolist()[:3] == [[False] * 3, [False, False, True], [False, False, True]]
    assert np.isnan(record.signal[-1]).all()
    assert record.warnings == ("leads II, V1: shorter than the others; the rest is missing",)
    assert ": expected at least one lead with samples, found none" in refusal(lead("I", []))
    assert ": expected at least one lead with samples, found none" in refusal()


def test_counts_and_checksums_that_disagree() -> None:
    record = read(lead("V1", [1, 2], n_stated=3, crc=7), more="<NumberofLeads>9</NumberofLeads>")
    assert record.warnings == (
        "the file states 6 bytes of lead V1 and holds 4",
        "the file states 3 samples of lead V1 and holds 2",
        "the checksum of lead V1 is not that of its samples: the file was changed or damaged",
    )
    other = document(waveform(lead("V1", [1]))).replace(b"<NumberofLeads>1<", b"<NumberofLeads>8<")
    assert read_muse(other, X).warnings == ("the file states 8 leads and holds 1",)


def test_checksums_may_be_signed_or_missing_or_no_numbers() -> None:
    signed = 3268219094 - 2**32
    assert read(lead("V1", [1], crc=signed)).warnings[0].startswith("the checksum of lead V1")
    good = read_muse(document(waveform(lead("V1", [1, 2, 3]))), X)
    assert good.warnings == ()
    for text in (b"", b"none"):
        data = document(waveform(lead("V1", [1])))
        start, end = data.index(b"<LeadDataCRC32>") + 15, data.index(b"</LeadDataCRC32>")
        assert read_muse(data[:start] + text + data[end:], X).warnings == ()


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ("<LeadOff>TRUE</LeadOff>", "lead V1 was off, as the file says"),
        ("<LeadTimeOffset>4</LeadTimeOffset>", "lead V1 has LeadTimeOffset 4, which is not applied"),
        (
            "<LeadOffsetFirstSample>-2</LeadOffsetFirstSample>",
            "lead V1 has LeadOffsetFirstSample -2, which is not applied",
        ),
        (
            "<FirstSampleBaseline>9</FirstSampleBaseline>",
            "lead V1 has FirstSampleBaseline 9, which is not applied",
        ),
        (
            "<LeadLowLimit>-5</LeadLowLimit><LeadHighLimit>5</LeadHighLimit>",
            "lead V1 has samples beyond the limits that the file states, -5 and 5: 2",
        ),
    ],
)
def test_what_is_said_of_a_lead(more: str, warning: str) -> None:
    assert read(lead("V1", [-6, 5, 6], more=more)).warnings == (warning,)


@pytest.mark.parametrize(
    "more",
    [
        "<LeadOff>FALSE</LeadOff><LeadTimeOffset>0</LeadTimeOffset><FirstSampleBaseline>0</FirstSampleBaseline>",
        "<LeadLowLimit>-32768</LeadLowLimit><LeadHighLimit>32767</LeadHighLimit>",
        "<LeadTimeOffset>?</LeadTimeOffset><LeadLowLimit>low</LeadLowLimit>",
        "<LeadSampleSize>2</LeadSampleSize>",
    ],
)
def test_what_needs_no_warning(more: str) -> None:
    assert read(lead("V1", [-6, 5, 6], more=more)).warnings == ()


def test_a_baseline_is_a_doubt() -> None:
    doubtful = lead("V1", [1], more="<FirstSampleBaseline>9</FirstSampleBaseline>")
    assert "strict" in refusal(doubtful, given=replace(X, strict=True))


def test_limits() -> None:
    leads = [lead("I", [1, 2]), lead("II", [1])]
    assert "at most 1 leads" in refusal(*leads, given=replace(X, limits=Limits(leads=1)))
    assert "at most 1 samples" in refusal(*leads, given=replace(X, limits=Limits(samples=1)))
    assert "at most 11 samples (the limit samples), found 12" in refusal(
        *leads, given=replace(X, limits=Limits(samples=11))
    )
    long = [lead("I", range(100)), lead("V1", [1])]  # type: ignore[arg-type]
    assert "(the limit gap_samples), found 99" in refusal(
        *long, given=replace(X, limits=Limits(gap_samples=98))
    )

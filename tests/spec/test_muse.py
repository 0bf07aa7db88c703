"""GE MUSE documents, element by element.

GE publishes no normative text; the elements are those of its document type `restecg.dtd`, their meaning is
what GE's XML Developer's Guide and real recordings show. All bytes and numbers here are worked out by hand.
"""

import numpy as np
import pytest
from muse_document import document, lead, waveform

from einthoven.formats.given import Given
from einthoven.formats.muse import read_muse

X = Given(where="x.xml")


def test_waveform_data_is_base64_of_little_endian_words() -> None:
    """WaveFormData: 01 00 FE FF are the samples 1 and -2."""
    record = read_muse(document(waveform(lead("V1", [1, -2], per_bit="1000", text="AQD+/w=="))), X)
    assert record.signal.tolist() == [[1.0, -2.0]]


def test_the_sampling_rate_is_base_times_a_power_of_ten() -> None:
    """SampleBase, SampleExponent: 25 * 10 ** 1 = 250 Hz."""
    assert read_muse(document(waveform(lead("V1", [1]), base="25", power="1")), X).fs == 250


def test_a_sample_is_its_bits_times_the_units_of_a_bit() -> None:
    """LeadAmplitudeUnitsPerBit, LeadAmplitudeUnits: 100 * 4.88 uV = 0.488 mV."""
    assert read_muse(document(waveform(lead("V1", [100]))), X).signal[0, 0] == np.float32(0.488)


@pytest.mark.parametrize(
    ("name", "expected"), [("III", -0.4), ("aVR", -0.8), ("aVL", 0.7), ("aVF", 0.1), ("I", 1.0), ("II", 0.6)]
)
def test_four_limb_leads_are_computed(name: str, expected: float) -> None:
    """III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2; I is 1.0 mV, II 0.6 mV."""
    leads = lead("I", [1000], per_bit="1"), lead("II", [600], per_bit="1")
    record = read_muse(document(waveform(*leads)), X)
    assert record.signal[record.leads.index(name), 0] == np.float32(expected)


def test_the_checksum_is_crc_32() -> None:
    """LeadDataCRC32: that of the ASCII digits 1 to 8 is 9AE0DAAF."""
    words = np.frombuffer(b"12345678", "<i2").tolist()
    assert read_muse(document(waveform(lead("V1", words, crc=0x9AE0DAAF))), X).warnings == ()
    assert len(read_muse(document(waveform(lead("V1", words, crc=0x9AE0DAAE))), X).warnings) == 1


def test_dates_begin_with_the_month() -> None:
    """AcquisitionDate: MM-DD-YYYY; AcquisitionTime: HH:MM:SS."""
    test = (
        "<TestDemographics><AcquisitionDate>04-29-2023</AcquisitionDate>"
        "<AcquisitionTime>22:41:16</AcquisitionTime></TestDemographics>"
    )
    record = read_muse(document(test, waveform(lead("V1", [1]))), X)
    assert record.recording["recorded_at"] == "2023-04-29T22:41:16"


def test_times_of_beats_are_in_milliseconds() -> None:
    """QRSTimesTypes: 40 ms at 500 Hz are sample 20."""
    beats = "<QRSTimesTypes><QRS><Number>1</Number><Type>0</Type><Time>40</Time></QRS></QRSTimesTypes>"
    record = read_muse(document(beats, waveform(lead("V1", range(50)))), X)  # type: ignore[arg-type]
    assert record.annotations is not None
    assert record.annotations.samples.tolist() == [20]


def test_the_high_pass_filter_is_in_hundredths() -> None:
    """HighPassFilter: 5 is 0.05 Hz; LowPassFilter and ACFilter in Hz."""
    filters = "<HighPassFilter>5</HighPassFilter><LowPassFilter>150</LowPassFilter><ACFilter>50</ACFilter>"
    recording = read_muse(document(waveform(lead("V1", [1]), more=filters)), X).recording
    assert dict(recording) == {"high_pass_hz": "0.05", "low_pass_hz": "150", "notch_hz": "50"}

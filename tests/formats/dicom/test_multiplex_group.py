from dataclasses import replace

import numpy as np
import pytest
from dicom_files import TYPES, channel, ecg, group
from pydicom import uid

from einthoven.errors import FormatError
from einthoven.formats.dicom import read_dicom
from einthoven.formats.given import Given
from einthoven.formats.limits import LIMITS

GIVEN = Given(where="x.dcm")


@pytest.mark.parametrize("interpretation", TYPES)
@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian])
def test_sample_interpretations(interpretation: str, syntax: str) -> None:
    info = np.iinfo(TYPES[interpretation])
    samples = [[info.min, 0, 1], [info.max, 5, 100]]
    found = read_dicom(ecg(group(samples, interpretation=interpretation), syntax=syntax), GIVEN)
    expected = (np.array(samples, np.float64) * 2.5 * 1e-3).astype(np.float32)
    np.testing.assert_array_equal(found.signal, expected, strict=True)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("interpretation", "bits", "message"),
    [
        ("MB", 8, r"expected linear samples, found mu-law \(MB\), which is for sound"),
        ("AB", 8, r"expected linear samples, found A-law \(AB\), which is for sound"),
        (
            "SS",
            12,
            r"expected samples of 8 bits \(SB, UB\), 16 \(SS, US\) or 32 \(SL, UL\), found 12 bits, 'SS'",
        ),
        ("SL", 16, "found 16 bits, 'SL'"),
        ("SV", 64, "found 64 bits, 'SV'"),
        ("", 16, "found 16 bits, ''"),
    ],
)
def test_other_samples_are_refused(interpretation: str, bits: int, message: str) -> None:
    data = ecg(group(WaveformBitsAllocated=bits, WaveformSampleInterpretation=interpretation))
    with pytest.raises(FormatError, match=rf"^x\.dcm, WaveformSequence 1: .*{message}"):
        read_dicom(data, GIVEN)


@pytest.mark.parametrize("keyword", ["WaveformBitsAllocated", "NumberOfWaveformSamples", "SamplingFrequency"])
def test_what_decides_samples_must_be_there(keyword: str) -> None:
    with pytest.raises(FormatError, match=rf"WaveformSequence 1: expected {keyword} \(.*\), found none"):
        read_dicom(ecg(group(**{keyword: None})), GIVEN)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"NumberOfWaveformChannels": 0}, "0 channels of 3 samples at 500 Hz"),
        ({"SamplingFrequency": "0"}, "2 channels of 3 samples at 0 Hz"),
        ({"SamplingFrequency": "-1"}, "2 channels of 3 samples at -1 Hz"),
    ],
)
def test_impossible_numbers(changes: dict[str, object], found: str) -> None:
    with pytest.raises(
        FormatError, match=f"expected channels, samples and a sampling frequency above 0 Hz, found {found}"
    ):
        read_dicom(ecg(group(**changes)), GIVEN)


def test_fewer_samples_than_stated() -> None:
    with pytest.raises(
        FormatError,
        match=r"expected 16 bytes of WaveformData \(5400,1010\), for 4 samples of 2 channels, found 12",
    ):
        read_dicom(ecg(group(NumberOfWaveformSamples=4)), GIVEN)
    with pytest.raises(FormatError, match=r"expected at most 2147483648 samples .* found 8589934590"):
        read_dicom(ecg(group(NumberOfWaveformSamples=2**32 - 1)), GIVEN)
    with pytest.raises(FormatError, match=r"for 1000000000 samples of 2 channels, found 12"):
        read_dicom(ecg(group(NumberOfWaveformSamples=10**9)), GIVEN)


def test_more_samples_than_stated_are_said() -> None:
    found = read_dicom(ecg(group(NumberOfWaveformSamples=2, MultiplexGroupLabel="RHYTHM")), GIVEN)
    assert found.n_samples == 2
    assert found.warnings == ("group 1 (RHYTHM): 4 bytes more than its samples take were not read",)
    odd = group([[1, 2, 3]], ["II"], "SB")
    assert read_dicom(ecg(odd), GIVEN).warnings == ()


@pytest.mark.parametrize("interpretation", ["SB", "SS", "UL"])
def test_padding_is_missing(interpretation: str) -> None:
    padding = np.array(100, TYPES[interpretation]).tobytes()
    one = group([[1, 100, 3]], ["II"], interpretation)
    one.add_new("WaveformPaddingValue", "OW", padding.ljust(2, b"\0"))
    expected = np.array([[0.0025, np.nan, 0.0075]], np.float32)
    np.testing.assert_array_equal(read_dicom(ecg(one), GIVEN).signal, expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ChannelSampleSkew": "1"}, [None, 10, 20]),
        ({"ChannelSampleSkew": "0.4"}, [10, 20, 30]),
        ({"ChannelSampleSkew": "-2"}, [30, None, None]),
        ({"ChannelTimeSkew": "0.002", "ChannelSampleSkew": None}, [None, 10, 20]),
        ({"ChannelOffset": "0.004"}, [None, None, 10]),
        ({"ChannelOffset": "1e300"}, [None, None, None]),
    ],
)
def test_a_lead_sampled_later_is_moved(changes: dict[str, object], expected: list[float | None]) -> None:
    one = channel("II", ChannelSensitivity="1000", **changes)
    found = read_dicom(ecg(group([[10, 20, 30]], [one])), GIVEN)
    np.testing.assert_array_equal(
        found.signal[0], np.array([np.nan if x is None else x for x in expected], np.float32)
    )


def big_endian(samples: list[list[int]], interpretation: str, vr: str) -> bytes:
    one = group(samples, interpretation=interpretation)
    little = bytes(one.WaveformData)
    one.add_new("WaveformPaddingValue", vr, b"\x63\x63")
    words = np.frombuffer(little, "<u2").astype(">u2").tobytes() if vr == "OW" else little
    one.add_new("WaveformData", vr, words)
    return ecg(one, syntax=uid.ExplicitVRBigEndian)


@pytest.mark.parametrize(("interpretation", "vr"), [("SS", "OW"), ("SB", "OW"), ("SB", "OB"), ("SL", "OW")])
def test_big_endian_files_swap_words_of_ow(interpretation: str, vr: str) -> None:
    samples = [[1, -2], [300 if interpretation != "SB" else 30, 4]]
    found = read_dicom(big_endian(samples, interpretation, vr), GIVEN)
    np.testing.assert_array_equal(found.signal, (np.array(samples) * 2.5e-3).astype(np.float32))
    assert (found.fs, found.leads) == (500.0, ("I", "II"))


def test_limits() -> None:
    data = ecg(group())
    with pytest.raises(FormatError, match=r"expected at most 1 leads \(the limit leads\), found 2"):
        read_dicom(data, replace(GIVEN, limits=replace(LIMITS, leads=1)))
    with pytest.raises(FormatError, match=r"expected at most 5 samples \(the limit samples\), found 6"):
        read_dicom(data, replace(GIVEN, limits=replace(LIMITS, samples=5)))
    with pytest.raises(FormatError, match=r"^x\.dcm: expected at most 3 leads \(the limit leads\), found 4"):
        read_dicom(ecg(group(), group()), replace(GIVEN, limits=replace(LIMITS, leads=3)))

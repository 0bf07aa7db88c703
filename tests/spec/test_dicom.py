"""DICOM ECG by the clauses of PS3.3, PS3.5 and PS3.10, in files made by hand or by pydicom."""

import io
import struct

import numpy as np
import pydicom
import pytest
from dicom_files import annotation, channel, coded, data_set, encoded, group
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import uid
from pydicom.dataset import Dataset

from einthoven.errors import ECGError
from einthoven.formats.dicom import encode_dicom, looks_like_dicom, read_dicom
from einthoven.formats.given import Given
from einthoven.record import TWELVE_LEADS, Annotation, Record

GIVEN = Given(where="x.dcm")


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    value += (b"\0" if vr in (b"UI", b"OW", b"OB") else b" ") * (len(value) % 2)
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr)
    if vr in (b"OB", b"OW", b"SQ"):
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def item(*elements: bytes) -> bytes:
    value = b"".join(elements)
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value


def code(value: bytes, scheme: bytes) -> bytes:
    return item(element(0x00080100, b"SH", value), element(0x00080102, b"SH", scheme))


def by_hand() -> bytes:
    """The least that PS3.10 and PS3.3, C.10.9, ask for: lead II at 250 Hz, -2, 3 and padding."""
    definition = item(
        element(0x003A0208, b"SQ", code(b"2:2", b"MDC")),
        element(0x003A0210, b"DS", b"5"),
        element(0x003A0211, b"SQ", code(b"uV", b"UCUM")),
        element(0x003A0212, b"DS", b"2"),
        element(0x003A0213, b"DS", b"-10"),
        element(0x003A0215, b"DS", b"0"),
        element(0x003A021A, b"US", struct.pack("<H", 16)),
    )
    multiplex = item(
        element(0x003A0004, b"CS", b"ORIGINAL"),
        element(0x003A0005, b"US", struct.pack("<H", 1)),
        element(0x003A0010, b"UL", struct.pack("<I", 3)),
        element(0x003A001A, b"DS", b"250"),
        element(0x003A0200, b"SQ", definition),
        element(0x54001004, b"US", struct.pack("<H", 16)),
        element(0x54001006, b"CS", b"SS"),
        element(0x5400100A, b"OW", struct.pack("<h", -32768)),
        element(0x54001010, b"OW", struct.pack("<3h", -2, 3, -32768)),
    )
    body = element(0x00080016, b"UI", b"1.2.840.10008.5.1.4.1.1.9.1.2") + element(
        0x54000100, b"SQ", multiplex
    )
    meta = element(0x00020001, b"OB", b"\0\1") + element(0x00020010, b"UI", b"1.2.840.10008.1.2.1")
    return bytes(128) + b"DICM" + element(0x00020000, b"UL", struct.pack("<I", len(meta))) + meta + body


def test_ps3_10_7_1_and_ps3_3_c_10_9_by_hand() -> None:
    assert looks_like_dicom(by_hand())
    found = read_dicom(by_hand(), GIVEN)
    # C.10.9.1.4.2: sample * sensitivity * correction factor + baseline.
    np.testing.assert_array_equal(found.signal, np.array([[-0.03, 0.02, np.nan]], np.float32))
    assert (found.fs, found.leads, found.warnings) == (250.0, ("II",), ())


def test_c_10_9_1_7_samples_are_interleaved_by_channel() -> None:
    found = read_dicom(encoded(data_set(group([[1, 2], [3, 4], [5, 6]], ["I", "II", "V1"]))), GIVEN)
    np.testing.assert_array_equal(
        found.signal, (np.array([[1, 2], [3, 4], [5, 6]]) * 2.5e-3).astype(np.float32)
    )


def test_c_10_10_the_first_sample_is_1_and_channel_0_is_all() -> None:
    mark = annotation(None, coded("10:8336", "MDC"), TemporalRangeType="POINT", ReferencedSamplePositions=[1])
    found = read_dicom(encoded(data_set(WaveformAnnotationSequence=[mark])), GIVEN)
    assert found.annotations is not None
    assert (found.annotations.samples.tolist(), found.annotations.symbols) == ([0], ("V",))


@pytest.mark.parametrize("undefined_lengths", [False, True])
@pytest.mark.parametrize(
    "syntax",
    [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.DeflatedExplicitVRLittleEndian,
     uid.JPEGBaseline8Bit],
)  # fmt: skip
def test_ps3_5_annex_a_transfer_syntaxes(syntax: str, undefined_lengths: bool) -> None:
    found = read_dicom(encoded(data_set(), syntax, undefined_lengths=undefined_lengths), GIVEN)
    assert found.signal.shape == (2, 3)


MODULES = {
    "C.7.1.1 Patient": ((), ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")),
    "C.7.2.1 General Study": (
        ("StudyInstanceUID",),
        ("StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber"),
    ),
    "C.7.3.1 General Series": (("Modality", "SeriesInstanceUID"), ("SeriesNumber",)),
    "C.7.5.1 General Equipment": ((), ("Manufacturer",)),
    "C.10.8 Waveform Identification": (
        ("InstanceNumber", "ContentDate", "ContentTime", "AcquisitionDateTime"),
        (),
    ),
    "C.10.9 Waveform": (("WaveformSequence",), ()),
    "C.7.6.14 Acquisition Context": ((), ("AcquisitionContextSequence",)),
    "C.12.1 SOP Common": (("SOPClassUID", "SOPInstanceUID", "SpecificCharacterSet"), ()),
}
"""Module -> attributes that must have a value (type 1), and that must be there (type 2)."""
OF_A_GROUP = (
    *("WaveformOriginality", "NumberOfWaveformChannels", "NumberOfWaveformSamples", "SamplingFrequency"),
    *("ChannelDefinitionSequence", "WaveformBitsAllocated", "WaveformSampleInterpretation", "WaveformData"),
)
OF_A_CHANNEL = (
    *("ChannelSourceSequence", "ChannelSensitivity", "ChannelSensitivityUnitsSequence", "WaveformBitsStored"),
    *("ChannelSensitivityCorrectionFactor", "ChannelBaseline", "ChannelSampleSkew"),
)


def written(**changes: object) -> Dataset:
    signal = np.arange(120).reshape(12, 10) / 100
    return pydicom.dcmread(io.BytesIO(encode_dicom(Record(signal, 500, TWELVE_LEADS, **changes))))  # type: ignore[arg-type]


@pytest.mark.parametrize("module", MODULES)
def test_a_34_modules_that_are_written(module: str) -> None:
    found = written()
    with_value, there = MODULES[module]
    for keyword in with_value:
        assert found[keyword].value not in ("", None), keyword
    for keyword in there:
        assert keyword in found, keyword


def test_a_34_3_4_content_of_a_12_lead_ecg() -> None:
    found = written()
    assert found.SOPClassUID == uid.TwelveLeadECGWaveformStorage
    assert found.Modality == "ECG"
    assert 1 <= len(found.WaveformSequence) <= 5
    (multiplex,) = found.WaveformSequence
    for keyword in OF_A_GROUP:
        assert multiplex[keyword].value not in ("", None), keyword
    assert multiplex.NumberOfWaveformChannels <= 13
    assert multiplex.NumberOfWaveformSamples <= 16384
    assert 200 <= multiplex.SamplingFrequency <= 1000
    assert multiplex.WaveformSampleInterpretation == "SS"
    assert len(multiplex.ChannelDefinitionSequence) == 12
    for definition, lead in zip(multiplex.ChannelDefinitionSequence, TWELVE_LEADS, strict=True):
        for keyword in OF_A_CHANNEL:
            assert definition[keyword].value not in ("", None), keyword
        assert definition.ChannelLabel == lead
        assert definition.ChannelSourceSequence[0].CodingSchemeDesignator == "MDC"
        assert definition.ChannelSensitivityUnitsSequence[0].CodeValue == "uV"
    codes = [
        definition.ChannelSourceSequence[0].CodeValue for definition in multiplex.ChannelDefinitionSequence
    ]
    assert codes == ["2:1", "2:2", "2:61", "2:62", "2:63", "2:64", "2:3", "2:4", "2:5", "2:6", "2:7", "2:8"]


def test_c_10_10_annotations_hold_either_text_or_a_code() -> None:
    marks = Annotation(np.array([1, 2, 2]), ("N", "V", '"'), ("", "early", "alone"))
    found = written(annotations=marks, statements=("Normal",))
    assert len(found.WaveformAnnotationSequence) == 5
    for one in found.WaveformAnnotationSequence:
        assert ("UnformattedTextValue" in one) != ("ConceptNameCodeSequence" in one)
        assert list(one.ReferencedWaveformChannels) == [1, 0]
        assert ("TemporalRangeType" in one) == ("ReferencedSamplePositions" in one)


def test_ps3_10_7_1_file_meta_information() -> None:
    meta = written().file_meta
    assert meta.FileMetaInformationVersion == b"\0\1"
    assert meta.TransferSyntaxUID == uid.ExplicitVRLittleEndian
    assert meta.ImplementationClassUID.startswith("2.25.")
    assert meta.ImplementationVersionName == "EINTHOVEN"


def test_ps3_5_6_2_lengths_of_values_that_are_written() -> None:
    facts = {"patient": {"id": "x" * 100, "name": "n" * 100}, "recording": {"institution": "i" * 100}}
    found = written(**facts)
    assert len(found.PatientComments) > 300
    assert (found.PatientID, str(found.PatientName)) == ("", "")


def sample_file() -> bytes:
    """A file with all that is read: two groups, a beat, marks, text, sequences of undefined length."""
    first = group([[1, -2, 300, 4]] * 2, ["I", channel("II", ChannelLabel="II", FilterLowFrequency="0.05")])
    later = group([[9, 8]], ["V1"], MultiplexGroupTimeOffset="4", SamplingFrequency="250")
    beat = group(
        [[5]], ["II"], WaveformOriginality="DERIVED", MultiplexGroupLabel="MEDIAN", TriggerSamplePosition=1
    )
    marks = [
        annotation("Sinus rhythm"),
        annotation(None, coded("10:8208", "MDC"), TemporalRangeType="POINT", ReferencedSamplePositions=[3]),
        annotation(None, coded("2:1", "MDC", "PR"), NumericValue="160",
                   MeasurementUnitsCodeSequence=[coded("ms", "UCUM")]),
    ]  # fmt: skip
    found = data_set(
        first,
        later,
        beat,
        SpecificCharacterSet="ISO_IR 100",
        PatientName="M\u00fcller^A",
        PatientAge="042Y",
        AcquisitionDateTime="20200102030405",
        WaveformAnnotationSequence=marks,
    )
    return encoded(found, undefined_lengths=True)


WHOLE = sample_file()
DEFLATED = encoded(data_set(), uid.DeflatedExplicitVRLittleEndian)
IMPLICIT = encoded(data_set(), uid.ImplicitVRLittleEndian)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from([WHOLE, WHOLE, WHOLE, DEFLATED, IMPLICIT, by_hand()])))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["flip", "set", "cut", "insert", "end"])):
            case "flip" if at < len(data):
                data[at] ^= draw(st.integers(1, 255))
            case "set":
                data[at : at + 4] = draw(
                    st.sampled_from([b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f", b"SQUN"])
                )
            case "cut":
                del data[at : at + draw(st.integers(1, 20))]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=12))
            case "end":
                del data[at:]
    return bytes(data)


@settings(max_examples=150, deadline=None)
@given(data=damaged())
def test_damaged_files_raise_nothing_but_our_errors(data: bytes) -> None:
    looks_like_dicom(data[:65536])
    try:
        found = read_dicom(data, GIVEN)
    except ECGError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert found.n_samples > 0

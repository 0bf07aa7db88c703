import numpy as np
import pytest
from dicom_files import annotation, bare, coded, data_set, encoded, group
from pydicom import uid
from pydicom.dataset import Dataset

from einthoven.errors import FormatError
from einthoven.formats.dicom.data_set import DataSet
from einthoven.formats.dicom.elements import EXPLICIT_LITTLE, IMPLICIT_LITTLE, Element, find_elements


def of(found: Dataset, syntax: str = uid.ExplicitVRLittleEndian) -> DataSet:
    data = bare(encoded(found, syntax))
    encoding = EXPLICIT_LITTLE if syntax == uid.ExplicitVRLittleEndian else IMPLICIT_LITTLE
    elements, _ = find_elements(data, 0, len(data), encoding, "x.dcm")
    return DataSet(data, encoding, elements, "x.dcm")


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian])
def test_text_and_numbers(syntax: str) -> None:
    found = of(data_set(PatientID=" 7 ", SoftwareVersions=["1.0", "", "b"], PatientComments="a\\b"), syntax)
    assert found.text("PatientID") == "7"
    assert found.texts("SoftwareVersions") == ["1.0", "", "b"]
    assert found.text("SoftwareVersions") == "1.0, b"
    assert found.text("PatientComments") == "a\\b"
    assert (found.text("PatientName"), found.texts("PatientName")) == ("", [])
    assert "PatientID" in found
    assert "PatientName" not in found
    item = found.first("WaveformSequence")
    assert item is not None
    assert item.where == "x.dcm, WaveformSequence 1"
    assert item.integer("NumberOfWaveformChannels") == 2
    assert item.number("SamplingFrequency") == 500.0
    assert item.number("ChannelOffset", 3.0) == 3.0
    assert [one.text("ChannelSensitivity") for one in item.items("ChannelDefinitionSequence")] == [
        "2.5",
        "2.5",
    ]


def test_an_empty_element_is_as_good_as_none() -> None:
    found = of(data_set(PatientID="", SoftwareVersions=["", ""]))
    assert "PatientID" not in found
    assert found.texts("SoftwareVersions") == []


def test_many_binary_numbers() -> None:
    mark = annotation("x", TemporalRangeType="MULTIPOINT", ReferencedSamplePositions=[1, 2**32 - 1])
    found = of(data_set(WaveformAnnotationSequence=[mark])).first("WaveformAnnotationSequence")
    assert found is not None
    assert found.numbers("ReferencedSamplePositions") == [1, 2**32 - 1]
    assert found.numbers("ReferencedWaveformChannels") == [1, 0]


def sensitivity(text: str) -> DataSet:
    elements = {0x003A0210: Element("DS", 0, len(text), False)}
    return DataSet(text.encode(), EXPLICIT_LITTLE, elements, "x.dcm")


@pytest.mark.parametrize(
    ("text", "value"), [("2.5", 2.5), (" -1.e-3 ", -0.001), (".5", 0.5), ("+7", 7.0), ("4\\8", 4.0)]
)
def test_decimal_strings(text: str, value: float) -> None:
    assert sensitivity(text).number("ChannelSensitivity") == value


@pytest.mark.parametrize("text", ["x", "1e999", "nan", "inf", "1_0", "--1", ".", "1 2", "1" * 10**6, "1,5"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(
        FormatError, match=r"^x\.dcm: expected numbers in ChannelSensitivity \(003A,0210\), found '.{1,60}'$"
    ):
        sensitivity(text).number("ChannelSensitivity")


def test_numbers_that_are_missing_or_no_whole_ones() -> None:
    item = of(data_set(group(MultiplexGroupTimeOffset="1.5"))).first("WaveformSequence")
    assert item is not None
    with pytest.raises(
        FormatError,
        match=r"WaveformSequence 1: expected a whole number in MultiplexGroupTimeOffset .*, found 1\.5",
    ):
        item.integer("MultiplexGroupTimeOffset")
    with pytest.raises(FormatError, match=r"expected TriggerSamplePosition \(0018,106E\), found none"):
        item.number("TriggerSamplePosition")


def test_what_is_no_sequence() -> None:
    found = of(data_set(PatientID="x"))
    tag = next(tag for tag in found.elements if tag == 0x00100020)
    wrong = DataSet(found.data, found.encoding, {0x54000100: found.elements[tag]}, "x.dcm")
    with pytest.raises(
        FormatError, match=r"x\.dcm: expected a sequence in WaveformSequence \(5400,0100\), found LO"
    ):
        wrong.first("WaveformSequence")


def test_items_stay_within_their_sequence() -> None:
    found = of(data_set())
    at = found.elements[0x54000100].start
    data = bytearray(found.data)
    data[at + 4 : at + 8] = (10**6).to_bytes(4, "little")
    longer = DataSet(bytes(data), found.encoding, found.elements, "x.dcm")
    with pytest.raises(
        FormatError, match=r"x\.dcm, WaveformSequence 1: expected an item of 1000000 bytes at \d+, found"
    ):
        longer.first("WaveformSequence")


def test_items_are_no_text_and_not_one_piece() -> None:
    found = of(data_set(AcquisitionContextSequence=[annotation("x")]))
    element = found.elements[0x00400555]
    items = Element("UT", element.start, element.end, True)
    wrong = DataSet(found.data, found.encoding, {0x00104000: items, 0x54001010: items}, "x.dcm")
    assert wrong.text("PatientComments") == ""
    with pytest.raises(FormatError, match=r"expected WaveformData \(5400,1010\) in one piece, found items"):
        wrong.raw("WaveformData")


def test_a_sequence_that_was_unknown_to_the_writer() -> None:
    found = of(
        data_set(AcquisitionContextSequence=[annotation("x", coded("1", "MDC"))]), uid.ImplicitVRLittleEndian
    )
    element = found.elements[0x00400555]
    unknown = {0x00400555: Element("UN", element.start, element.end, False)}
    item = DataSet(found.data, EXPLICIT_LITTLE, unknown, "x.dcm").first("AcquisitionContextSequence")
    assert item is not None
    assert item.text("UnformattedTextValue") == "x"


def test_character_sets_are_those_of_the_item_or_else_of_the_file() -> None:
    inner = annotation("x\u00e9")
    found = of(data_set(SpecificCharacterSet="ISO_IR 192", AcquisitionContextSequence=[inner]))
    item = found.first("AcquisitionContextSequence")
    assert item is not None
    assert item.character_sets == ("ISO_IR 192",)
    assert item.text("UnformattedTextValue") == "x\u00e9"


def test_leftover_bytes_of_binary_numbers_are_dropped() -> None:
    found = of(data_set(group())).first("WaveformSequence")
    assert found is not None
    element = found.elements[0x003A0005]
    odd = {0x003A0005: Element("US", element.start, element.end + 1, False)}
    np.testing.assert_array_equal(
        DataSet(found.data, found.encoding, odd, "x").numbers("NumberOfWaveformChannels"), [2]
    )

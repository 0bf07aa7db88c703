"""The data elements of waveform objects that are read or written: keyword -> tag and value representation.

Source: DICOM PS3.6, table 6-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ELEMENTS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "MediaStorageSOPClassUID": (0x00020002, "UI"),
        "TransferSyntaxUID": (0x00020010, "UI"),
        "SpecificCharacterSet": (0x00080005, "CS"),
        "SOPClassUID": (0x00080016, "UI"),
        "StudyDate": (0x00080020, "DA"),
        "ContentDate": (0x00080023, "DA"),
        "AcquisitionDateTime": (0x0008002A, "DT"),
        "StudyTime": (0x00080030, "TM"),
        "ContentTime": (0x00080033, "TM"),
        "Modality": (0x00080060, "CS"),
        "Manufacturer": (0x00080070, "LO"),
        "InstitutionName": (0x00080080, "LO"),
        "ReferringPhysicianName": (0x00080090, "PN"),
        "CodeValue": (0x00080100, "SH"),
        "CodingSchemeDesignator": (0x00080102, "SH"),
        "CodeMeaning": (0x00080104, "LO"),
        "TimezoneOffsetFromUTC": (0x00080201, "SH"),
        "InstitutionalDepartmentName": (0x00081040, "LO"),
        "PerformingPhysicianName": (0x00081050, "PN"),
        "NameOfPhysiciansReadingStudy": (0x00081060, "PN"),
        "OperatorsName": (0x00081070, "PN"),
        "ManufacturerModelName": (0x00081090, "LO"),
        "PatientName": (0x00100010, "PN"),
        "PatientID": (0x00100020, "LO"),
        "PatientBirthDate": (0x00100030, "DA"),
        "PatientSex": (0x00100040, "CS"),
        "PatientAge": (0x00101010, "AS"),
        "PatientSize": (0x00101020, "DS"),
        "PatientWeight": (0x00101030, "DS"),
        "EthnicGroup": (0x00102160, "SH"),
        "AdditionalPatientHistory": (0x001021B0, "LT"),
        "PatientComments": (0x00104000, "LT"),
        "PatientIdentityRemoved": (0x00120062, "CS"),
        "DeidentificationMethod": (0x00120063, "LO"),
        "DeviceSerialNumber": (0x00181000, "LO"),
        "SoftwareVersions": (0x00181020, "LO"),
        "MultiplexGroupTimeOffset": (0x00181068, "DS"),
        "TriggerSamplePosition": (0x0018106E, "UL"),
        "StudyID": (0x00200010, "SH"),
        "ReasonForStudy": (0x00321030, "LO"),
        "RequestingPhysician": (0x00321032, "PN"),
        "ReasonForVisit": (0x00321066, "UT"),
        "StudyComments": (0x00324000, "LT"),
        "VisitComments": (0x00384000, "LT"),
        "WaveformOriginality": (0x003A0004, "CS"),
        "NumberOfWaveformChannels": (0x003A0005, "US"),
        "NumberOfWaveformSamples": (0x003A0010, "UL"),
        "SamplingFrequency": (0x003A001A, "DS"),
        "MultiplexGroupLabel": (0x003A0020, "SH"),
        "ChannelDefinitionSequence": (0x003A0200, "SQ"),
        "ChannelLabel": (0x003A0203, "SH"),
        "ChannelSourceSequence": (0x003A0208, "SQ"),
        "ChannelSensitivity": (0x003A0210, "DS"),
        "ChannelSensitivityUnitsSequence": (0x003A0211, "SQ"),
        "ChannelSensitivityCorrectionFactor": (0x003A0212, "DS"),
        "ChannelBaseline": (0x003A0213, "DS"),
        "ChannelTimeSkew": (0x003A0214, "DS"),
        "ChannelSampleSkew": (0x003A0215, "DS"),
        "ChannelOffset": (0x003A0218, "DS"),
        "FilterLowFrequency": (0x003A0220, "DS"),
        "FilterHighFrequency": (0x003A0221, "DS"),
        "NotchFilterFrequency": (0x003A0222, "DS"),
        "AcquisitionContextSequence": (0x00400555, "SQ"),
        "MeasurementUnitsCodeSequence": (0x004008EA, "SQ"),
        "ReasonForTheRequestedProcedure": (0x00401002, "LO"),
        "ConceptNameCodeSequence": (0x0040A043, "SQ"),
        "ReferencedWaveformChannels": (0x0040A0B0, "US"),
        "TemporalRangeType": (0x0040A130, "CS"),
        "ReferencedSamplePositions": (0x0040A132, "UL"),
        "ReferencedTimeOffsets": (0x0040A138, "DS"),
        "TextValue": (0x0040A160, "UT"),
        "ConceptCodeSequence": (0x0040A168, "SQ"),
        "AnnotationGroupNumber": (0x0040A180, "US"),
        "NumericValue": (0x0040A30A, "DS"),
        "WaveformAnnotationSequence": (0x0040B020, "SQ"),
        "UnformattedTextValue": (0x00700006, "ST"),
        "WaveformSequence": (0x54000100, "SQ"),
        "WaveformBitsAllocated": (0x54001004, "US"),
        "WaveformSampleInterpretation": (0x54001006, "CS"),
        "WaveformPaddingValue": (0x5400100A, "OW"),
        "WaveformData": (0x54001010, "OW"),
    }
)

TAGS = frozenset(tag for tag, _ in ELEMENTS.values())
"""What is kept of a file; everything else is passed over."""


def words_of(keyword: str) -> str:
    """Return what messages call an element.

    >>> words_of("WaveformData")
    'WaveformData (5400,1010)'
    """
    tag = ELEMENTS[keyword][0]
    return f"{keyword} ({tag >> 16:04X},{tag & 0xFFFF:04X})"

"""DICOM files of ECGs as other makers write them: with pydicom, after PS3.3."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite

MDC = {"I": "2:1", "II": "2:2", "V1": "2:3", "V5": "2:7", "III": "2:61", "aVR": "2:62"}
TYPES = {"SB": "<i1", "UB": "<u1", "SS": "<i2", "US": "<u2", "SL": "<i4", "UL": "<u4"}


def coded(code: str, scheme: str, meaning: str = "meaning") -> Dataset:
    """Make an item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, scheme, meaning
    return item


def channel(lead: str | None = "II", **changes: Any) -> Dataset:
    """Make a channel definition of 2.5 uV a step; a change to None removes an element."""
    item = Dataset()
    if lead is not None:
        item.ChannelSourceSequence = [coded(MDC[lead], "MDC", f"Lead {lead}")]
    item.ChannelSensitivity = "2.5"
    item.ChannelSensitivityUnitsSequence = [coded("uV", "UCUM", "microvolt")]
    item.ChannelSensitivityCorrectionFactor = "1"
    item.ChannelBaseline = "0"
    item.ChannelSampleSkew = "0"
    item.WaveformBitsStored = 16
    return changed(item, changes)


def group(
    samples: Any = ((1, 2, 3), (4, 5, 6)),
    channels: Sequence[Dataset | str] = ("I", "II"),
    interpretation: str = "SS",
    **changes: Any,
) -> Dataset:
    """Make a multiplex group of samples (n_channels, n_samples) at 500 Hz."""
    array = np.asarray(samples, TYPES.get(interpretation, "<i2"))
    item = Dataset()
    item.MultiplexGroupTimeOffset = "0"
    item.WaveformOriginality = "ORIGINAL"
    item.NumberOfWaveformChannels, item.NumberOfWaveformSamples = array.shape
    item.SamplingFrequency = "500"
    item.ChannelDefinitionSequence = [one if isinstance(one, Dataset) else channel(one) for one in channels]
    item.WaveformBitsAllocated = 8 * array.itemsize
    item.WaveformSampleInterpretation = interpretation
    item.add_new("WaveformData", "OW", array.T.tobytes() + b"\0" * (array.size * array.itemsize % 2))
    return changed(item, changes)


def annotation(text: str | None = None, code: Dataset | None = None, **changes: Any) -> Dataset:
    """Make an item of the Waveform Annotation Sequence, of all channels of the first group."""
    item = Dataset()
    item.ReferencedWaveformChannels = [1, 0]
    if text is not None:
        item.UnformattedTextValue = text
    if code is not None:
        item.ConceptNameCodeSequence = [code]
    return changed(item, changes)


def data_set(*groups: Dataset, **changes: Any) -> Dataset:
    """Make a data set of the class General ECG."""
    found = Dataset()
    found.SOPClassUID = uid.GeneralECGWaveformStorage
    found.SOPInstanceUID = "1.2.3"
    found.Modality = "ECG"
    found.WaveformSequence = list(groups or [group()])
    return changed(found, changes)


def encoded(
    found: Dataset, syntax: str = uid.ExplicitVRLittleEndian, *, undefined_lengths: bool = False
) -> bytes:
    """Write a data set as a file."""
    if undefined_lengths:
        set_undefined_lengths(found)
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = uid.UID(syntax)
    file = io.BytesIO()
    with warnings.catch_warnings():
        # Values that the standard does not allow are what some tests are about.
        warnings.simplefilter("ignore")
        dcmwrite(file, found, enforce_file_format=True)
    return file.getvalue()


def ecg(*groups: Dataset, syntax: str = uid.ExplicitVRLittleEndian, **changes: Any) -> bytes:
    """Write a file of these groups."""
    return encoded(data_set(*groups, **changes), syntax)


def changed(item: Dataset, changes: dict[str, Any]) -> Dataset:
    """Set elements by keyword; None removes one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for keyword, value in changes.items():
            if value is None:
                item.pop(keyword, None)
            else:
                setattr(item, keyword, value)
    return item


def set_undefined_lengths(found: Dataset) -> None:
    """Let all sequences and items be written with undefined lengths."""
    for element in found:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                set_undefined_lengths(item)


def bare(data: bytes) -> bytes:
    """Return a file's data set without preamble and File Meta Information."""
    length = int.from_bytes(data[140:144], "little")
    return data[144 + length :]

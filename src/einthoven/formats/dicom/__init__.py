"""DICOM waveforms: 12-lead, General, Ambulatory and General 32-bit ECG."""

from einthoven.formats.dicom.file import looks_like_dicom
from einthoven.formats.dicom.reading import read_dicom
from einthoven.formats.dicom.writing import encode_dicom

__all__ = ["encode_dicom", "looks_like_dicom", "read_dicom"]

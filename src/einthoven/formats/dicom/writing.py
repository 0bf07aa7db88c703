"""Writing a recording as a DICOM file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from einthoven.errors import RecordError
from einthoven.formats.dicom.sop_classes import AMBULATORY_ECG, GENERAL_ECG, TWELVE_LEAD_ECG
from einthoven.formats.dicom.uids import IMPLEMENTATION_CLASS, digest_of, uid_of
from einthoven.formats.dicom.written_annotations import annotation_items
from einthoven.formats.dicom.written_facts import add_facts
from einthoven.formats.dicom.written_waveform import multiplex_item
from einthoven.record import TWELVE_LEADS, Record

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_HZ = (200.0, 1000.0)
_AMBULATORY_HZ = (50.0, 1000.0)
_TWELVE_LEAD_CHANNELS, _GENERAL_CHANNELS, _AMBULATORY_CHANNELS = 13, 24, 12
_TWELVE_LEAD_SAMPLES = 16384


def encode_dicom(record: Record) -> bytes:
    """Write a record as a DICOM file in Explicit VR Little Endian.

    Source: DICOM PS3.3, A.34.3 to A.34.5; PS3.10.

    The class is 12-lead ECG Waveform Storage for the twelve leads, with at most one more, of at most 16384
    samples at 200 to 1000 Hz, and without a representative beat, as its channels count too; else General ECG,
    of at most 24 leads at 200 to 1000 Hz, and a representative beat; else Ambulatory ECG, of at most 12 leads
    at 50 to 1000 Hz and nothing else.

    Samples become 16-bit steps of a Channel Sensitivity that each lead has for itself: without loss where
    they are multiples of a step, as what devices record is, and otherwise rounded by at most 1 uV. Missing
    ones are the Waveform Padding Value. A lead without a code in CID 3001 is an unspecified one with its name
    as label, which whoever reads it can only take as a doubt.

    UIDs are derived from the content, so that the same record gives the same bytes: 2.25, a UUID. Attributes
    that must have a value get 1900-01-01 where the time of the recording is not known. Facts without an
    attribute are lines of Patient Comments. Annotations of the same kind share an item: among those of one
    sample the order is not kept.

    Raises
    ------
    RecordError : if the standard has no class for this rate and these leads, if samples are beyond 16 bits at
        2 uV a step and no multiples of a larger one, if a lead's name is longer than 16 characters, if a
        statement or note is longer than 1024 or the comments are longer than 10240, or if annotations are
        before the first sample
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.sequence import Sequence
    from pydicom.uid import UID, ExplicitVRLittleEndian

    data_set = Dataset()
    data_set.SpecificCharacterSet = "ISO_IR 192"
    data_set.SOPClassUID = UID(class_of(record))
    data_set.Modality = "ECG"
    data_set.SeriesNumber = "1"
    data_set.InstanceNumber = "1"
    data_set.AcquisitionContextSequence = Sequence()
    add_facts(data_set, record)
    groups = [record] if record.representative_beat is None else [record, record.representative_beat]
    data_set.WaveformSequence = Sequence(
        multiplex_item(group, record.recording, is_beat=group is not record) for group in groups
    )
    items = [item for number, group in enumerate(groups, 1) for item in annotation_items(group, number)]
    if items:
        data_set.WaveformAnnotationSequence = Sequence(items)
    _add_uids(data_set, record)
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data_set.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS)
    data_set.file_meta.ImplementationVersionName = "EINTHOVEN"
    return _bytes_of(data_set)


def class_of(record: Record) -> str:
    """Return the UID of the class that holds a record.

    Raises RecordError if there is none.
    """
    beat = record.representative_beat
    groups = [record] if beat is None else [record, beat]
    n_channels = [group.n_leads for group in groups]
    if all(_HZ[0] <= group.fs <= _HZ[1] for group in groups):
        is_twelve_lead = set(TWELVE_LEADS) <= set(record.leads) and record.n_samples <= _TWELVE_LEAD_SAMPLES
        if is_twelve_lead and sum(n_channels) <= _TWELVE_LEAD_CHANNELS:
            return TWELVE_LEAD_ECG
        if max(n_channels) <= _GENERAL_CHANNELS:
            return GENERAL_ECG
    is_ambulatory = _AMBULATORY_HZ[0] <= record.fs <= _AMBULATORY_HZ[1]
    if is_ambulatory and record.n_leads <= _AMBULATORY_CHANNELS and beat is None:
        return AMBULATORY_ECG
    with_beat = (
        "" if beat is None else f" and a representative beat of {beat.n_leads} leads at {beat.fs:g} Hz"
    )
    general, ambulatory = (f"{low:g} to {high:g} Hz" for low, high in (_HZ, _AMBULATORY_HZ))
    raise RecordError(
        f"{record.name or 'record'}: expected at most {_GENERAL_CHANNELS} leads at {general}, or at most "
        f"{_AMBULATORY_CHANNELS} at {ambulatory} without a representative beat, as DICOM does, "
        f"found {record.n_leads} leads at {record.fs:g} Hz{with_beat}"
    )


def _add_uids(data_set: Dataset, record: Record) -> None:
    digest = digest_of(data_set)
    study, patient = record.recording.get("study_id"), record.patient.get("id")
    data_set.StudyInstanceUID = uid_of(
        "study", f"{patient} {study}".encode() if study and patient else digest
    )
    data_set.SeriesInstanceUID = uid_of("series", digest)
    data_set.SOPInstanceUID = uid_of("instance", digest)


def _bytes_of(data_set: Dataset) -> bytes:
    from pydicom.filewriter import dcmwrite

    file = io.BytesIO()
    dcmwrite(file, data_set, enforce_file_format=True)
    return file.getvalue()

"""Reading the ECG of a DICOM file."""

from __future__ import annotations

from types import MappingProxyType

from einthoven.errors import FormatError
from einthoven.formats.dicom.annotations import Annotations, read_annotations
from einthoven.formats.dicom.channels import doubts_of
from einthoven.formats.dicom.data_set import DataSet
from einthoven.formats.dicom.facts import read_facts_of
from einthoven.formats.dicom.file import read_file
from einthoven.formats.dicom.multiplex_group import MultiplexGroup, read_group, read_samples
from einthoven.formats.dicom.rhythm import Place, Rhythm, join, roles_of
from einthoven.formats.given import Given
from einthoven.record import Annotation, Record


def read_dicom(data: bytes, given: Given) -> Record:
    """Read a DICOM file of the classes 12-lead, General, Ambulatory and General 32-bit ECG Waveform Storage.

    Source: DICOM PS3.3, A.34.3 to A.34.5 and C.10.9; PS3.5; PS3.10. Of several multiplex groups the original
    ones are joined, each at its time offset; a short derived one is the representative beat; others are named
    in a warning. Annotations become marks at their samples, statements where they are text without a place,
    and comments where they are measurements.

    Raises
    ------
    FormatError : if it is no DICOM, holds something else than an ECG, is damaged, or goes beyond the limits
    RecordError : if it has no sample, if the caller gave another sampling rate or other units, if a lead
        asked for is not there, or if the caller is strict and units, sensitivity or code of a lead are not
        stated
    """
    data_set = read_file(data, given)
    groups = _groups(data_set, given)
    roles = roles_of(groups, given.where)
    rhythm = join(roles.rhythm, given)
    given.agree_fs(rhythm.fs)
    beat_place = Place(roles.beat, 0, 1) if roles.beat is not None else None
    annotations = _annotations(data_set, rhythm, beat_place)
    channels = [channel for group in roles.rhythm for channel in group.channels]
    leads = rhythm.leads
    if given.leads is not None and len(given.leads) == len(leads) and not any(c.is_named for c in channels):
        leads = given.leads
    facts = read_facts_of(data_set, channels)
    beat, of_beat = _beat(roles.beat, annotations.beat, given)
    record = Record(
        signal=rhythm.signal,
        fs=rhythm.fs,
        leads=leads,
        name=given.name,
        path=given.path,
        annotations=annotations.rhythm,
        patient=MappingProxyType(dict(facts.patient)),
        recording=MappingProxyType(dict(facts.recording)),
        statements=annotations.statements,
        comments=(*facts.comments, *annotations.comments),
        representative_beat=beat,
        warnings=(
            *doubts_of(channels, given), *roles.warnings, *rhythm.warnings, *of_beat, *annotations.warnings
        ),
    )  # fmt: skip
    return record.select(given.leads) if given.leads is not None else record


def _groups(data_set: DataSet, given: Given) -> list[MultiplexGroup]:
    groups: list[MultiplexGroup] = []
    n_channels = 0
    for number, item in enumerate(data_set.items("WaveformSequence"), 1):
        groups.append(read_group(item, number, given))
        n_channels += groups[-1].n_channels
        given.limits.check("leads", n_channels, given.where)
    if not groups:
        raise FormatError(f"{given.where}: expected waveforms in WaveformSequence (5400,0100), found none")
    return groups


def _annotations(data_set: DataSet, rhythm: Rhythm, beat: Place | None) -> Annotations:
    try:
        return read_annotations(data_set, rhythm.places, beat)
    except FormatError as error:
        return Annotations(None, None, (), (), (f"annotations were not read: {error}",))


def _beat(
    group: MultiplexGroup | None, marks: Annotation | None, given: Given
) -> tuple[Record | None, tuple[str, ...]]:
    if group is None:
        return None, ()
    signal, warnings = read_samples(group)
    leads = tuple(channel.name for channel in group.channels)
    return Record(signal, group.fs, leads, name=given.name, path=given.path, annotations=marks), warnings

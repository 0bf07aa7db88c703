"""Recordings cut into heartbeats: a data set whose every entry is one beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from einthoven.aami import CLASSES, beats_of
from einthoven.datasets.dataset import Dataset, Entry, first_few
from einthoven.errors import DatasetError, ECGError
from einthoven.metrics.peaks import match_peaks
from einthoven.record import Record
from einthoven.signal.beats import Cut

TOLERANCE_S = 0.05
"""A found R peak takes its label from an annotated beat so near on either side."""

_Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class HeartbeatReader:
    """The beats of a data set, in memory; called with a beat's Entry it makes its Record.

    rows : (n_beats, n_rows, n_samples) float32
    fs : rate of the rows, Hz
    leads : names of the rows
    index : the beat of every record id
    """

    rows: NDArray[np.float32]
    fs: float
    leads: tuple[str, ...]
    index: Mapping[str, int]

    def __call__(self, entry: Entry) -> Record:
        """Return the beat, without copying it; its name is the entry's id."""
        return Record(self.rows[self.index[entry.record_id]], self.fs, self.leads, entry.record_id)


@dataclass(frozen=True, slots=True, eq=False)
class _CutRecording:
    """A recording after cutting.

    rows, rpeaks, labels : of its beats
    lead : that was read in place of the one that was asked for; empty if it is that one
    lost : what gave no beat, in words, and how often
    missed : annotated beats that were not cut, a class
    """

    rows: NDArray[np.float32]
    rpeaks: list[int]
    labels: Sequence[str]
    lead: str
    lost: Mapping[str, int]
    missed: Mapping[str, int]


def cut_beats(recordings: Dataset, cut: Cut, progress: Callable[[int, int], None] | None = None) -> Dataset:
    """Cut recordings into heartbeats, each an entry with one label, its samples held in memory.

    A recording with a label gives it to each of its beats, whose R peaks the cut finds. One without a label
    has annotated beats, in the classes of AAMI EC57 (`einthoven.aami.beats_of`): a cut that takes R
    peaks is given the annotated ones; the peaks of a cut that finds them itself are paired with the annotated
    ones, one to one and within 50 ms, and those without a partner are left out.

    Parameters
    ----------
    recordings : each with one label, or with none and annotated beats; if they hold beats of this very form
        already (rows of that name and length), they are returned as they are
    cut : what cuts them
    progress : called with (recordings done, all)

    Returns
    -------
    A data set of the same name, kind and classes. A beat's id is the recording's, `@` and the sample of the R
    peak (`100@77`); patient, fold, source and path are the recording's, which is named in `recording`. Where
    the patient is unknown the recording's id stands for it, so that its beats stay together. `notes` adds a
    line for each way in which something gave no beat, with its count; `given` adds the cut with its settings
    and the recordings' fingerprint, so that another cut, or other recordings, have another fingerprint.

    Raises
    ------
    DatasetError naming the recording that cannot be read or cut, has several labels, or neither a label nor
    annotated beats; or if there is no beat at all, or the data set holds beats of another form.
    """
    if _are_beats(recordings, cut):
        return recordings
    found: dict[str, _CutRecording] = {}
    for number, entry in enumerate(recordings.entries, 1):
        try:
            found[entry.record_id] = _cut_recording(recordings.reader(entry), entry.labels, cut)
        except ECGError as error:
            raise DatasetError(f"{recordings.name}: recording {entry.record_id}: {error}") from error
        if progress is not None:
            progress(number, len(recordings))
    notes = _notes(found, cut)
    entries = tuple(beat for entry in recordings.entries for beat in _beats(entry, found[entry.record_id]))
    if not entries:
        raise DatasetError(f"{recordings.name}: expected heartbeats, found none in {len(recordings)} "
                           f"recordings{''.join(f'; {note}' for note in notes)}")  # fmt: skip
    index = {entry.record_id: row for row, entry in enumerate(entries)}
    rows = np.concatenate([one.rows for one in found.values()])
    return Dataset(
        recordings.name,
        recordings.classes,
        entries,
        HeartbeatReader(rows, cut.fs, cut.rows, index),
        notes=(*recordings.notes, *notes),
        given=(*recordings.given, f"cut={cut!r}", f"recordings={recordings.fingerprint()}"),
        kind=recordings.kind,
    )


def _beats(entry: Entry, recording: _CutRecording) -> Iterator[Entry]:
    patient = entry.record_id if entry.patient is None else entry.patient
    for rpeak, label in zip(recording.rpeaks, recording.labels, strict=True):
        yield replace(
            entry,
            record_id=f"{entry.record_id}@{rpeak}",
            labels=(label,),
            patient=patient,
            recording=entry.record_id,
        )


def _are_beats(recordings: Dataset, cut: Cut) -> bool:
    if not len(recordings):
        return False
    first = recordings.entries[0]
    try:
        record = recordings.read(0)
    except ECGError as error:
        raise DatasetError(f"{recordings.name}: recording {first.record_id}: {error}") from error
    if record.leads == cut.rows and record.n_samples == cut.n_samples:
        return True
    if record.leads == cut.rows or first.recording is not None:
        raise DatasetError(
            f"{recordings.name}: expected recordings, or heartbeats of {cut.n_samples} samples in "
            f"{', '.join(cut.rows)}; found heartbeats of {record.n_samples} in {', '.join(record.leads)}"
        )
    return False


def _cut_recording(record: Record, labels: tuple[str, ...], cut: Cut) -> _CutRecording:
    chosen = record.for_model(cut.leads)
    lead = "" if chosen.leads == cut.leads else ", ".join(chosen.leads)
    if cut.takes_other_leads:
        others = [name for name in record.leads if name not in chosen.leads]
        chosen = record.select([*chosen.leads, *others])
    if len(labels) > 1:
        raise DatasetError(f"expected one label, or none and annotated beats, found {', '.join(labels)}")
    if labels:
        beats = cut(chosen.signal, chosen.fs)
        rpeaks = beats.rpeaks.tolist()
        return _CutRecording(beats.rows, rpeaks, labels * len(rpeaks), lead, beats.skipped, {})
    if record.annotations is None:
        raise DatasetError("expected a label or annotated beats, found neither")
    samples, classes = beats_of(record.annotations)
    truth, kept = np.unique(samples, return_index=True)
    names = [CLASSES[index] for index in classes[kept]]
    beats = cut(chosen.signal, chosen.fs, None if cut.finds_rpeaks else truth)
    matched, own = match_peaks(truth, beats.rpeaks, TOLERANCE_S * record.fs)
    cut_names = [names[index] for index in matched]
    lost = {
        **beats.skipped,
        "found peaks without an annotated beat within 50 ms": len(beats.rpeaks) - len(own),
        "annotated beats at the sample of another": len(samples) - len(truth),
    }
    rows = beats.rows if len(own) == len(beats.rows) else beats.rows[own]
    missed = Counter(names) - Counter(cut_names)
    return _CutRecording(rows, beats.rpeaks[own].tolist(), cut_names, lead, lost, missed)


def _notes(found: Mapping[str, _CutRecording], cut: Cut) -> tuple[str, ...]:
    """Say what gave no beat, and how often, and where another lead was read."""
    lost, missed = Counter[str](), Counter[str]()
    for recording in found.values():
        lost.update(recording.lost)
        missed.update(recording.missed)
    notes = [f"{words}: {count}" for words, count in lost.items() if count]
    if missed:
        classes = ", ".join(f"{name} {missed[name]}" for name in CLASSES if missed[name])
        words = "without a found peak within 50 ms" if cut.finds_rpeaks else "that were not cut"
        notes.append(f"annotated beats {words}: {missed.total()} ({classes})")
    empty = [record_id for record_id, one in found.items() if not one.rpeaks]
    if empty:
        notes.append(f"recordings without a beat: {len(empty)} ({_named(empty)})")
    read: dict[str, list[str]] = {}
    for record_id, one in found.items():
        if one.lead:
            read.setdefault(one.lead, []).append(record_id)
    if read:
        leads = ", ".join(f"{lead} in {len(names)} ({_named(names)})" for lead, names in read.items())
        notes.append(f"recordings read in another lead than {', '.join(cut.leads)}: {leads}")
    return tuple(notes)


def _named(records: Sequence[str]) -> str:
    """Name records, many of which are called by numbers, so that nobody takes these for counts."""
    return f"record{'s' * (len(records) > 1)} {first_few(records)}"

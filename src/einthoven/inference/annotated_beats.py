"""Heartbeats that somebody has annotated: read beside a recording, and compared with what a model says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.aami import CLASSES, beats_of, flutter_of
from einthoven.errors import FormatError
from einthoven.formats.annotations import read_annotations
from einthoven.metrics.beats import EC57_IGNORED, beat_confusion, beat_scores
from einthoven.metrics.peaks import TOLERANCE_S, lie_inside, match_peaks
from einthoven.record import Record
from einthoven.signal.left_out import lie_outside
from einthoven.signal.rpeaks import find_rpeaks

if TYPE_CHECKING:
    from einthoven.inference.heartbeats import Heartbeats

_Indices = NDArray[np.int64]

NEAR_S = 0.05
MIN_NEAR = 0.5
"""Annotations of which fewer lie within 50 ms of an R peak are of another recording.

Of the 22 recordings of MIT-BIH DS1 at least 96 % do in MLII; with the annotations of any other, at most 20 %.
"""
MIN_SHIFTED = 0.8
"""If so many do once a constant shift is taken away, the shift is told in place of the doubt [choice]."""
_MIN_TO_TELL = 10


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedBeats:
    """The annotated beats of a recording.

    extension : ending of the file that they come from
    rpeaks : (n,) int64 sample indices, increasing
    classes : (n,) int64 indices into `CLASSES`
    flutter : (first, last) samples of ventricular flutter or fibrillation, where there are no beats
    warnings : what was left out
    """

    extension: str
    rpeaks: NDArray[np.int64]
    classes: NDArray[np.int64]
    flutter: tuple[tuple[int, int], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPeaks:
    """R peaks that einthoven finds, beside the annotated beats, whatever their class; flutter is left out.

    n_found, n_annotated : of each
    n_matched : pairs within EC57's 150 ms
    n_before, n_after : found ones before the first, and after the last, annotated beat, without a partner
    first_s, last_s : times of these two beats, s
    """

    n_found: int
    n_annotated: int
    n_matched: int
    n_before: int
    n_after: int
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Beats that a model classified, beside the annotated ones, as AAMI EC57 counts them.

    extension : ending of the annotation file
    n_beats : annotated beats outside of flutter
    confusion : (6, 6) counts by annotated (row) and found (column) class; the last of each is "none"
    peaks : the R peaks that einthoven finds beside them, also where the model was given the annotated ones
    """

    extension: str
    n_beats: int
    confusion: NDArray[np.int64]
    peaks: FoundPeaks

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object; what nothing decides is null."""
        scores = beat_scores(self.confusion, ignored=EC57_IGNORED)
        return {
            "annotations": self.extension,
            "n_beats": self.n_beats,
            "n_found": self.peaks.n_found,
            "found_not_annotated": self.peaks.n_found - self.peaks.n_matched,
            "annotated_not_found": self.peaks.n_annotated - self.peaks.n_matched,
            "classes": [*CLASSES, "none"],
            "confusion": self.confusion.tolist(),
            "sensitivity": dict(zip(CLASSES, map(_rounded, scores.sensitivity.tolist()), strict=True)),
            "positive_predictivity": dict(
                zip(CLASSES, map(_rounded, scores.positive_predictivity.tolist()), strict=True)
            ),
            "accuracy": _rounded(scores.accuracy),
        }


def read_annotated_beats(record: Record, extension: str, leads: Sequence[str] = ()) -> AnnotatedBeats:
    """Read the annotated beats that lie beside a recording.

    Two annotations of one sample are one beat: the first counts, and the warnings say how many were left out.

    Parameters
    ----------
    record : a recording that was read from a file
    extension : ending of the annotation file
    leads : that the model reads, see `Record.for_model`: of its R peaks and those of all leads together, the
        ones that fit better decide whose annotations these are

    Raises
    ------
    RecordError as `Record.for_model`; RecordError, FormatError as `read_annotations`; FormatError too if no
        beat is annotated, or if the beats lie elsewhere than those of this recording.
    """
    marks = read_annotations(record, extension)
    where = f"{record.path}: annotations {extension}"
    rpeaks, classes = beats_of(marks)
    if len(rpeaks) == 0:
        raise FormatError(f"{where}: expected annotated beats, found none among {len(marks.symbols)} marks")
    is_new = np.diff(rpeaks, prepend=-1) > 0
    n_double = int((~is_new).sum())
    rpeaks, classes = rpeaks[is_new], classes[is_new]
    flutter = flutter_of(marks, record.n_samples)
    _check_belong(rpeaks, record, leads, where)
    stand, were = ("beat stands", "was") if n_double == 1 else ("beats stand", "were")
    note = f"{n_double} annotated {stand} on the sample of another one and {were} left out"
    return AnnotatedBeats(extension, rpeaks, classes, flutter, (note,) if n_double else ())


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Annotated beats and those that a model named, side by side.

    confusion : (6, 6) counts by annotated (row) and found (column) class; the last of each is "none"
    truth : (n_pairs,) annotated class of each pair, as index into `CLASSES`
    found : (n_pairs,) which of the model's beats it is
    """

    confusion: _Indices
    truth: _Indices
    found: _Indices


def pair_beats(
    truth: tuple[_Indices, _Indices],
    beats: Heartbeats,
    flutter: Sequence[tuple[int, int]],
    tolerance: float,
) -> Pairs:
    """Pair annotated beats with those that a model named, as AAMI EC57 does.

    In flutter no annotated beat counts, nor a found one without a partner outside.

    Parameters
    ----------
    truth : sample indices and class indices of the annotated beats, (n,) each, in order of time
    beats : what the model says; its classes are among `CLASSES`
    flutter : (first, last) samples of ventricular flutter or fibrillation
    tolerance : largest distance of beats that are the same, samples
    """
    outside = ~lie_inside(truth[0], flutter)
    samples, classes = truth[0][outside], truth[1][outside]
    rows, columns = match_peaks(samples, beats.rpeaks, tolerance)
    counts = ~lie_inside(beats.rpeaks, flutter)
    counts[columns] = True
    named = np.array([CLASSES.index(label) for label in beats.labels], np.int64)
    confusion = beat_confusion((samples, classes), (beats.rpeaks[counts], named[counts]), tolerance)
    return Pairs(confusion, classes[rows], columns)


def compare(
    beats: Heartbeats, annotated: AnnotatedBeats, found: _Indices, silent: Sequence[tuple[int, int]] = ()
) -> Comparison:
    """Count what a model says of the annotated beats, within EC57's 150 ms; flutter is left out.

    Parameters
    ----------
    beats : what the model says
    annotated : the annotated beats
    found : (n,) sample indices, increasing, of the R peaks that are found where nobody tells them
    silent : (start, end) samples without signal, in order: no annotated beat counts there
    """
    heard = lie_outside(annotated.rpeaks, silent)
    truth = (annotated.rpeaks[heard], annotated.classes[heard])
    pairs = pair_beats(truth, beats, annotated.flutter, TOLERANCE_S * beats.fs)
    peaks = _match_found(annotated, truth[0], found, beats.fs)
    return Comparison(annotated.extension, int(pairs.confusion[:-1].sum()), pairs.confusion, peaks)


def _match_found(annotated: AnnotatedBeats, heard: _Indices, found: _Indices, fs: float) -> FoundPeaks:
    truth = heard[~lie_inside(heard, annotated.flutter)]
    rows, columns = match_peaks(truth, found, TOLERANCE_S * fs)
    alone = np.delete(found, columns)
    alone = alone[~lie_inside(alone, annotated.flutter)]
    # All beats may lie in flutter, or where there is no signal.
    first, last = (int(annotated.rpeaks[place]) for place in (0, -1))
    return FoundPeaks(
        n_found=len(alone) + len(columns),
        n_annotated=len(truth),
        n_matched=len(rows),
        n_before=int((alone < first).sum()),
        n_after=int((alone > last).sum()),
        first_s=first / fs,
        last_s=last / fs,
    )


def _check_belong(rpeaks: _Indices, record: Record, leads: Sequence[str], where: str) -> None:
    """Refuse the annotations of another recording, which lie where beats are only by chance."""
    views = (record.for_model(leads), record) if leads else (record,)
    near, closest = 0.0, rpeaks
    for view in views:
        found = find_rpeaks(view.signal, view.fs, warn=False)
        if min(len(rpeaks), len(found)) < _MIN_TO_TELL:
            return
        share = len(match_peaks(rpeaks, found, NEAR_S * view.fs)[0]) / len(rpeaks)
        if share >= MIN_NEAR:
            return
        if share >= near:
            near, closest = share, found
    late_s = _constant_shift(rpeaks, closest, record.fs)
    said = "are they of another recording?"
    if late_s is not None:
        said = f"all are about {1000 * abs(late_s):.0f} ms {'late' if late_s > 0 else 'early'}"
    raise FormatError(
        f"{where}: expected annotated beats at the R peaks, found {100 * near:.0f} % of them within "
        f"{1000 * NEAR_S:.0f} ms of one: {said}"
    )


def _constant_shift(rpeaks: _Indices, found: _Indices, fs: float) -> float | None:
    """Return by how much annotated beats lie after the R peaks, s, if it is the same for most of them."""
    after = np.searchsorted(found, rpeaks).clip(1, len(found) - 1)
    before_is_nearer = rpeaks - found[after - 1] <= found[after] - rpeaks
    shift = float(np.median(rpeaks - found[after - before_is_nearer]))
    moved = np.rint(rpeaks - shift).astype(np.int64)
    share = len(match_peaks(moved, found, NEAR_S * fs)[0]) / len(rpeaks)
    return shift / fs if share >= MIN_SHIFTED else None


def _rounded(value: float) -> float | None:
    return round(value, 4) if isfinite(value) else None

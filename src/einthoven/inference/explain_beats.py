"""Why a model of heartbeats named one as it did, by occlusion of what its network reads of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError, SettingsError
from einthoven.explained_part import check_moves, choose_beat, column_of
from einthoven.explanation import Explanation
from einthoven.inference.beats import BeatModel
from einthoven.inference.beside import speaks_beside
from einthoven.inference.heartbeats import Heartbeats
from einthoven.inference.occlusion import FILLS, Occlusion, Removal, Score, attribute
from einthoven.inference.prediction import UNSURE
from einthoven.record import Record, Signal

BEAT_OCCLUSION = Occlusion(window_s=0.04, step_s=0.008)
"""What is removed of a heartbeat at once unless told otherwise: less than half a QRS complex."""
_TOLD = 0.01
"""A difference in probability from which on it is told."""
USUAL = "usual beat"
"""The row of a cut that can take the place of the beat."""


def explain_beat(
    model: BeatModel,
    record: Record,
    label: str | None = None,
    *,
    number: int | None = None,
    beat_class: str | None = None,
    occlusion: Occlusion | None = None,
) -> Explanation:
    """Explain by occlusion how much each sample of a heartbeat speaks for a class, its own if none is given.

    What is removed is removed from the row of the network's input that holds the beat, its first; the others
    (the usual beat, the rhythm around it) stay as they are.

    Parameters
    ----------
    model : BeatModel
        Who answers.
    record : Record
        As `read_record` returns it.
    label : str, optional
        A class of the model; the one that it gives the beat if not given.
    number : int, optional
        Which heartbeat, from 1; the first if neither this nor `beat_class` is given.
    beat_class : str, optional
        The first heartbeat that the model gives this class and is sure of, also of the beat alone; where
        there is none, the first that it gives this class.
    occlusion : Occlusion, optional
        What is removed at once. With `fill="usual"` it becomes the usual beat, which the cut has to give.

    Returns
    -------
    Explanation
        Of the beat as the network reads it: scaled, and at the rate of the cut.

    Raises
    ------
    RecordError
        If the model refuses the recording, there is no such beat, or it is a flat line.
    SettingsError
        If the model has no such label, or the settings do not fit.
    """
    settings = occlusion or BEAT_OCCLUSION
    where = record.path or record.name or "record"
    (found, inputs), cut = model.classify_cut(record), model.cut
    if not found.labels:
        reasons = "; ".join(dict.fromkeys(one.reason for one in found.left_out))
        reason = found.obstacle or (reasons and f"all that was found lies in {reasons}")
        raise RecordError(f"{where}: expected heartbeats, found none{f': {reason}' * bool(reason)}")
    rows = inputs.rows
    alone = model.probs_of(rows)
    chosen = choose_beat(found.labels, number, beat_class, where, _firm(found, alone))
    position, own = chosen.position, alone[chosen.position]
    label = label or found.labels[position]
    column = column_of(label, model.labels, model.name)
    beat, others = rows[position, :1], rows[position, 1:]
    check_moves(beat, (found.lead,), f"{where}: beat {position + 1}")
    background = _background(settings.fill, beat, others, cut.rows)
    part = (0, n_filled(beat))
    score = score_of_beat(model, others)
    rpeak_s = float(found.rpeaks[position] / found.fs)
    return Explanation(
        record=found.record,
        path=found.path,
        model=f"{found.model} {found.model_version}",
        signal=beat,
        background=background,
        fs=cut.fs,
        leads=(found.lead,),
        first=0,
        label=label,
        probs={name: round(float(p), 6) for name, p in zip(found.classes, own, strict=True)},
        attribution=attribute(score, Removal(beat, background), settings, cut.fs, part, column),
        method="occlusion",
        window_s=settings.window_s,
        step_s=settings.step_s,
        fill=settings.fill,
        warnings=(*_doubts(found, position, own), *found.warnings),
        unit="scaled",
        origin_s=rpeak_s - float(getattr(cut, "before_s", 0.0)),
        beat=position + 1,
        rpeak_s=rpeak_s,
        choice=chosen.words,
        beside=speaks_beside(model, rows[position], column),
        obstacle=found.obstacle,
        unsure=_unsure(found, position),
    )


def _firm(found: Heartbeats, alone: NDArray[np.float32]) -> list[bool]:
    """Tell of which beats the model is sure, and gives them the same class by themselves: that is explained.

    alone : (n_beats, n_classes) probabilities of each beat by itself
    """
    own = [found.classes[k] for k in alone.argmax(axis=1).tolist()]
    return [
        bool(sure) and label == name for sure, label, name in zip(found.sure, found.labels, own, strict=True)
    ]


def _doubts(found: Heartbeats, position: int, own: NDArray[np.float32]) -> tuple[str, ...]:
    """Say whether a beat's neighbours had a part in its class."""
    label, probs = found.labels[position], found.probs[position]
    if np.abs(probs - own).max() < _TOLD:
        return ()
    return (f"what is explained is what the network says of this beat alone; with its neighbours it is "
            f"called {label} ({probs.max():.2f})",)  # fmt: skip


def _unsure(found: Heartbeats, position: int) -> str | None:
    """Say why the model is not sure of a beat, if it is not."""
    if found.sure[position]:
        return None
    return f"{UNSURE}{found.labels[position]} has a probability of {found.probs[position].max():.2f}"


def score_of_beat(model: BeatModel, others: Signal) -> Score:
    """Return the function that a model is of a beat's first row, the others (n_rows - 1, n_samples) fixed."""

    def score(beats: Sequence[Signal]) -> NDArray[np.float64]:
        rows = np.stack([np.concatenate([beat, others]) for beat in beats])
        return model.probs_of(rows).astype(np.float64)

    return score


def n_filled(beat: Signal) -> int:
    """Return how many samples of a beat (1, n_samples) come before the zeros that fill it up."""
    return int(np.flatnonzero(beat[0])[-1]) + 1


def _background(fill: str, beat: Signal, others: Signal, names: tuple[str, ...]) -> Signal:
    if fill == FILLS[0]:
        return np.zeros_like(beat)
    if USUAL not in names:
        raise SettingsError(f"expected a model whose beats come with the usual one for --fill {fill}, "
                            f"found rows {', '.join(names)}")  # fmt: skip
    position = names.index(USUAL) - 1
    return others[position : position + 1]

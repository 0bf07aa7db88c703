"""Why a bundle answered as it did, by occlusion: what happens to the answer when a part is not there.

An explanation says what the answer of this network depends on, not what is true of the heart.
"""

from __future__ import annotations

from collections.abc import Callable

from einthoven.explained_part import check_moves, column_of, part_of
from einthoven.explanation import Explanation
from einthoven.inference.occlusion import Occlusion, Removal, Score, attribute, background_of
from einthoven.inference.prediction import UNSURE, nearest_class
from einthoven.inference.runtime import Model
from einthoven.record import Record
from einthoven.signal.missing import fill_missing


def explain(
    model: Model,
    record: Record,
    label: str | None = None,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    occlusion: Occlusion | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    """Explain by occlusion how much each sample of a recording speaks for a label.

    The windows of the part that is explained are removed one after the other, from all leads that the model
    reads at once; the rest of the recording stays as it is.

    Parameters
    ----------
    model : Model
        Who answers.
    record : Record
        As `read_record` returns it.
    label : str, optional
        A label of the model; if not given, the answer that it gives, the most probable of several, or the
        nearest where it gives none.
    start_s, duration_s : float
        Which part is explained, s; as much as can be, from the beginning, if not given.
    occlusion : Occlusion, optional
        What is removed at once.
    progress : callable, optional
        Called with (windows done, all of them).

    Returns
    -------
    Explanation

    Raises
    ------
    RecordError
        If `Model.predict` would refuse the recording, or nothing moves in it.
    SettingsError
        If the model has no such label, or a setting does not fit the recording.
    """
    settings = occlusion or Occlusion()
    answer = model.predict(record)
    # Or something is wrong with the recording.
    is_unsure = (answer.abstain_reason or "").startswith(UNSURE)
    label = label or next(iter(answer.labels), "") or nearest_class(answer.probs, answer.thresholds or {})
    column = column_of(label, model.labels, model.name)
    expected = model.bundle.input
    chosen = record.for_model(expected.leads, may_lack=expected.may_lack_leads)
    signal = fill_missing(chosen.signal)
    check_moves(signal, chosen.leads, record.path or record.name or "record")
    fs = chosen.fs
    first, end = part_of(chosen.n_samples, fs, start_s, duration_s)
    background, notes = background_of(settings.fill, signal, fs)
    removal, score = Removal(signal, background), score_of(model, fs)
    return Explanation(
        record=answer.record,
        path=answer.path,
        model=f"{answer.model} {answer.model_version}",
        signal=signal,
        background=background,
        fs=fs,
        leads=chosen.leads,
        first=first,
        label=label,
        probs=answer.probs,
        attribution=attribute(score, removal, settings, fs, (first, end), column, progress),
        method="occlusion",
        window_s=settings.window_s,
        step_s=settings.step_s,
        fill="line" if notes else settings.fill,
        warnings=(*answer.warnings, *notes),
        obstacle=None if is_unsure else answer.abstain_reason,
        unsure=answer.abstain_reason if is_unsure else None,
    )


def score_of(model: Model, fs: float) -> Score:
    """Return the function that a model is of signals of one sampling rate, Hz."""
    return lambda signals: model.probs(signals, fs)

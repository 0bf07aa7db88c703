"""Each held-out recording decided by temperature, thresholds and machines that it had no part in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.dataset import first_few
from einthoven.datasets.dealing import deal_labels
from einthoven.decisions import ThresholdRule, fit_sigmoid_temperature, sigmoid
from einthoven.errors import RunError
from einthoven.training.features import Features
from einthoven.training.heads import SVMSettings, cross_fitted_head_logits, fit_head
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.run_folder import FEATURES, SCORES, Run

N_PARTS = 5
"""Parts of what one fold held out, of which each is measured by what the others fitted."""


def parts_of(scores: HeldOutScores) -> NDArray[np.int64]:
    """Return the part of each recording, from 0: its fold, or where there is one fold a fifth of it.

    Patients are in one part each; where there are fewer than five, so are parts. None is empty.
    """
    folds = np.unique([str(fold) for fold in scores.folds], return_inverse=True)[1].astype(np.int64)
    if folds.any():
        return folds
    patients = [patient or None for patient in scores.patients]
    dealt = deal_labels(scores.truth, patients, N_PARTS, 0)
    return np.unique(dealt, return_inverse=True)[1].astype(np.int64)


def temperatures_of(
    logits: NDArray[np.float64], truth: NDArray[Any], parts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return a temperature for each part, (n_parts,), fitted on the others."""
    others = (parts != part for part in range(int(parts.max()) + 1))
    return np.array([fit_sigmoid_temperature(logits[rows], truth[rows]) for rows in others])


def decide_by_others(
    rule: ThresholdRule,
    logits: NDArray[np.float64],
    truth: NDArray[Any],
    parts: NDArray[np.int64],
    temperatures: NDArray[np.float64],
    names: tuple[str, ...] | None,
) -> NDArray[np.bool_]:
    """Give records classes, (n_records, n_classes): those of each part by what the other parts teach.

    The others' temperature divides the logits of all: in one scale the thresholds are fitted to the others
    and decide the part. Were the others' logits divided each by its own, the part would have had a say there.

    parts : (n_records,) from 0, none of them empty
    temperatures : see `temperatures_of`
    names : of the columns, for the challenge metric
    """
    outputs = np.zeros(logits.shape, np.bool_)
    for part, temperature in enumerate(temperatures.tolist()):
        inside = parts == part
        thresholds = rule.fit(truth[~inside], sigmoid(logits[~inside], temperature), classes=names)
        outputs[inside] = rule.decide(sigmoid(logits[inside], temperature), thresholds)
    return outputs


def head_logits(
    runs: Sequence[Run], part: str, svm: SVMSettings, progress: Callable[[int, int], None] | None = None
) -> NDArray[np.float64]:
    """Return what support vector machines say of held-out recordings, in the order of the pooled scores.

    Features of two networks do not compare, so each fold has machines of its own: fitted on four fifths of
    what its network did not learn from, patients kept together, they answer the last fifth. So no machine
    answers a recording that it learnt from. Those that answer others may have: thresholds that these fit know
    of a recording what the networks of other folds know of it, no more. Where a source is left out, machines
    know no recording of it: the validation part teaches them, if the run kept one. For a class without a
    machine every recording has one and the same logit, whatever its fold: see `SVMHead.judged_logits`.

    Raises RunError if a run's features are of other recordings than its scores; DatasetError if the machines
    cannot be fitted.
    """
    answers = []
    for done, run in enumerate(runs, 1):
        answers.append(_in_order(run, *_machines(run, svm), part))
        if progress is not None:
            progress(done, len(runs))
    return np.concatenate(answers)


def _machines(run: Run, svm: SVMSettings) -> tuple[Features, NDArray[np.float64]]:
    """Return what a run did not learn from, and what machines say of it."""
    features = run.features()
    held_out, taught = features.part("validation", "test"), teaching(run, features, svm)
    if taught is not None:
        head = fit_head(taught.features, taught.targets, taught.groups(), svm)
        return held_out, head.judged_logits(held_out.features)
    groups = held_out.groups()
    parts = deal_labels(held_out.targets, [str(group) for group in groups], N_PARTS, run.protocol.seed)
    return held_out, cross_fitted_head_logits(held_out.features, held_out.targets, groups, parts, svm)


def teaching(run: Run, features: Features, svm: SVMSettings) -> Features | None:
    """Return the recordings that machines learn from, none of which they are judged by; None: by turns."""
    if svm.learns_from == "training":
        return features.part("train")
    validation = features.part("validation")
    return validation if run.protocol.split_by == "source" and validation.record_ids else None


def _in_order(run: Run, features: Features, logits: NDArray[np.float64], part: str) -> NDArray[np.float64]:
    rows = {name: row for row, name in enumerate(features.record_ids)}
    scores = run.scores().part(part)
    if missing := [name for name in scores.record_ids if name not in rows]:
        raise RunError(f"{run.folder / FEATURES}: expected the recordings of {SCORES} among those that did "
                       f"not train, found no {first_few(missing)}")  # fmt: skip
    return logits[[rows[name] for name in scores.record_ids]]

"""How good one head is that gives a recording any number of classes: how it ranks, and ways to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.decisions import THRESHOLD_RULES, ThresholdRule, fit_sigmoid_temperature, sigmoid
from einthoven.metrics import (
    OutputTable,
    RankingTable,
    ReliabilityCurve,
    Score,
    judged_challenge_score,
    output_table,
    pooled_reliability,
    ranking_table,
)
from einthoven.metrics.calibration import sigmoid_calibration
from einthoven.metrics.cinc2020 import is_scored
from einthoven.training.class_groups import (
    ClassGroup,
    GroupScores,
    class_groups,
    outputs_of_groups,
    ranking_of_groups,
)
from einthoven.training.cross_fitting import decide_by_others, temperatures_of
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.run_folder import Run

SIGMOID = "sigmoid"
"""The network's own classifier, among the names of heads."""


@dataclass(frozen=True)
class DecidedScores:
    """What the classes are worth that a rule gave.

    rule : a name among `THRESHOLD_RULES`
    thresholds : (n_classes,), fitted on all held-out recordings (or on training scores, or fixed); what the
        scores were measured with was fitted without the recordings that it decides. Only by a rule fitted on
        training scores, the paper's way, may they be among what trained the selected network
    table : F, G, precision, recall and exact match
    specificity : of each class, among the recordings judged not to have it
    groups : means over some of the classes
    n_unanswered : recordings that are given no class
    challenge : the metric of the CinC Challenge 2020; None where the classes are not its own
    """

    rule: str
    thresholds: tuple[float, ...]
    table: OutputTable
    specificity: tuple[Score, ...]
    groups: tuple[GroupScores, ...]
    n_unanswered: int
    challenge: Score | None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        challenge = self.challenge
        told = None if challenge is None else [challenge.value, challenge.low, challenge.high]
        return {
            "rule": self.rule,
            "thresholds": list(self.thresholds),
            "table": self.table.to_dict(),
            "specificity": [asdict(score) for score in self.specificity],
            "groups": [group.to_dict() for group in self.groups],
            "n_unanswered": self.n_unanswered,
            "challenge": told,
        }


@dataclass(frozen=True)
class HeadScores:
    """How good one head is.

    head : "sigmoid", or the kernel of its support vector machines
    temperature : its logits are divided by it; fitted on all held-out recordings
    ranking : areas under the curves of the logits; no temperature and no threshold has a part in them
    groups : their means over some of the classes
    calibration_error, brier : means over the classes, each recording measured by a temperature that others
        fitted
    reliability : the same probabilities, of all classes together
    decided : by rule
    """

    head: str
    temperature: float
    ranking: RankingTable
    groups: tuple[GroupScores, ...]
    calibration_error: float
    brier: float
    reliability: ReliabilityCurve
    decided: tuple[DecidedScores, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "head": self.head,
            "temperature": self.temperature,
            "ranking": self.ranking.to_dict(),
            "groups": [group.to_dict() for group in self.groups],
            "calibration_error": self.calibration_error,
            "brier": self.brier,
            "decided": [item.to_dict() for item in self.decided],
        }


@dataclass(frozen=True, eq=False)
class Judges:
    """Held-out recordings that measure heads, and how.

    runs : that held them out
    scores : of the recordings, pooled
    parts : (n_records,) from 0: each is decided by what the others fitted
    rules : names among `THRESHOLD_RULES`
    rows : positions of the recordings that are scored
    n_resamples : of the bootstrap
    """

    runs: Sequence[Run]
    scores: HeldOutScores
    parts: NDArray[np.int64]
    rules: Sequence[str]
    rows: NDArray[np.int64]
    n_resamples: int

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.runs[0].protocol.classes

    @property
    def truth(self) -> NDArray[Any]:
        """Of the recordings that are scored, (n_rows, n_classes) 1, 0, NaN where nobody judged."""
        truth: NDArray[Any] = self.scores.truth[self.rows]
        return truth

    @property
    def patients(self) -> NDArray[Any] | None:
        """Of the recordings that are scored, (n_rows,), drawn whole; None where recordings are drawn."""
        groups = self.scores.groups()
        return None if groups is None else groups[self.rows]

    def are_taught(self) -> tuple[bool, ...]:
        """Tell of which classes each run whose recordings are scored had one in its training part."""
        folds = {self.scores.folds[row] for row in self.rows}
        parts = [run.features().part("train") for run in self.runs if run.fold in folds]
        counts = [np.nansum(part.targets, axis=0) for part in parts]
        return tuple((np.min(counts, axis=0) > 0).tolist())


def score_head(head: str, logits: NDArray[np.float64], by: Judges) -> HeadScores:
    """Score a head by what it says of the pooled recordings, (n_records, n_classes)."""
    truth, own, n = by.truth, logits[by.rows], by.n_resamples
    temperatures = temperatures_of(logits, by.scores.truth, by.parts)
    probs = sigmoid(logits / temperatures[by.parts][:, None])[by.rows]
    calibration_error, brier = sigmoid_calibration(probs, truth)
    ranking = ranking_table(truth, own, by.classes, groups=by.patients, n=n)
    groups = class_groups(by.classes, ranking.support, by.are_taught())
    # The paper's thresholds are of the networks' own training scores.
    rules = [name for name in by.rules if head == SIGMOID or THRESHOLD_RULES[name].fitted_on != "training"]
    return HeadScores(
        head,
        fit_sigmoid_temperature(logits, by.scores.truth),
        ranking,
        ranking_of_groups(groups, truth, own, patients=by.patients, n=n),
        calibration_error,
        brier,
        pooled_reliability(probs, truth),
        tuple(_score_outputs(_decide(name, logits, temperatures, by), by, groups) for name in rules),
    )


@dataclass(frozen=True, eq=False)
class _Decided:
    """Classes given by a rule.

    thresholds : (n_classes,), for recordings to come
    outputs : (n_rows, n_classes)
    """

    rule: str
    thresholds: NDArray[np.float64]
    outputs: NDArray[np.bool_]


def _decide(
    name: str, logits: NDArray[np.float64], temperatures: NDArray[np.float64], by: Judges
) -> _Decided:
    rule, truth = THRESHOLD_RULES[name], by.scores.truth
    if rule.fitted_on == "training":
        outputs, thresholds = _decide_as_the_paper(rule, by.runs, by.scores)
        return _Decided(name, thresholds, outputs[by.rows])
    names = scored_columns(by.classes)
    outputs = decide_by_others(rule, logits, truth, by.parts, temperatures, names)
    probs = sigmoid(logits, fit_sigmoid_temperature(logits, truth))
    return _Decided(name, rule.fit(truth, probs, classes=names), outputs[by.rows])


def _score_outputs(of: _Decided, by: Judges, groups: Sequence[ClassGroup]) -> DecidedScores:
    truth, outputs, patients, n = by.truth, of.outputs, by.patients, by.n_resamples
    # Who does not have a class has its opposite, which is given where the class is not.
    opposite = output_table(1 - truth, ~outputs, by.classes, groups=patients, n=n)
    return DecidedScores(
        of.rule,
        tuple(of.thresholds.tolist()),
        output_table(truth, outputs, by.classes, groups=patients, n=n),
        opposite.recall,
        outputs_of_groups(groups, truth, outputs, patients=patients, n=n),
        int((~outputs.any(axis=1)).sum()),
        judged_challenge_score(truth, outputs, by.classes, groups=patients, n=n),
    )


def _decide_as_the_paper(
    rule: ThresholdRule, runs: Sequence[Run], scores: HeldOutScores
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the classes given, and the thresholds: of what trained the selected run, without temperature."""
    trained = selected_run(runs).features().part("train")
    names = scored_columns(runs[0].protocol.classes)
    thresholds = rule.fit(trained.targets, sigmoid(trained.logits), classes=names)
    return rule.decide(sigmoid(scores.logits), thresholds), thresholds


def selected_run(runs: Sequence[Run]) -> Run:
    """Return the run with the lowest loss on its validation part, the paper's selected model; or the first.

    Source: Singstad & Tronstad choose one model of the folds; that the loss decides is a choice of ours. It
    is that of the weights which the run ended with: of its best epoch, not the lowest of the log.
    """
    return runs[int(np.argmin([_validation_loss(run) for run in runs]))]


def _validation_loss(run: Run) -> float:
    """Return the loss of a run's weights on its validation part; infinity if none was kept."""
    last, best = run.protocol.phases[-1].name, str(run.done().get("best_epoch"))
    losses = [row["validation_loss"] for row in run.log() if (row["phase"], row["epoch"]) == (last, best)]
    loss = float(losses[-1] or "inf") if losses else float("inf")
    return loss if isfinite(loss) else float("inf")


def scored_columns(classes: Sequence[str]) -> tuple[str, ...] | None:
    """Return the classes if the CinC Challenge 2020 scores some of them, else None."""
    return tuple(classes) if is_scored(classes) else None


def by_rule(head: HeadScores) -> Mapping[str, DecidedScores]:
    """Return the scores of a head by the name of the rule."""
    return {item.rule: item for item in head.decided}

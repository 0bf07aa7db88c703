"""What the recordings that runs held out decide of a bundle: temperature, thresholds, when to say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from einthoven.decisions import THRESHOLD_RULES, Abstention, is_at_bound, sigmoid
from einthoven.errors import RunError, SettingsError
from einthoven.metrics import ReliabilityCurve, pooled_reliability
from einthoven.metrics.calibration import sigmoid_calibration
from einthoven.training.calibration import MEASURED_ON, calibrate, calibration_warnings
from einthoven.training.evaluate import Evaluation, evaluate_runs
from einthoven.training.head_scores import SIGMOID
from einthoven.training.heads import SVMSettings
from einthoven.training.label_evaluation import LabelEvaluation, evaluate_labels
from einthoven.training.run_folder import Run

DEFAULT_RULE = "out-of-fold"


CHANCE = 0.5
"""AUROC of guesses."""


@dataclass(frozen=True)
class Judgement:
    """The scores of held-out recordings, and what a bundle takes from them.

    temperature, thresholds, at_least_one, abstention : as a bundle states them
    calibrated : how they were found and how far they can be trusted, as JSON values; `cross_fitted` is
        whether no recording had a part in the thresholds and the temperature that it is scored with
    warnings : what speaks against relying on the bundle, one sentence each
    """

    evaluation: Evaluation | LabelEvaluation
    temperature: float
    thresholds: tuple[float, ...] | None
    abstention: Abstention | None
    calibrated: Mapping[str, Any]
    warnings: tuple[str, ...]
    at_least_one: bool = False


def judge_one_class(judges: Sequence[Run], vote: str, coverage: float) -> Judgement:
    """Judge runs of which each recording has exactly one class.

    Raises RunError as `evaluate_runs` does.
    """
    evaluation = evaluate_runs(judges)
    calibration = calibrate(evaluation, coverage)
    return Judgement(
        evaluation,
        calibration.temperature,
        None,
        calibration.abstention,
        calibration.to_dict(),
        calibration_warnings(evaluation, calibration, vote),
    )


def judge_labels(judges: Sequence[Run], svm: SVMSettings | None, rule: str) -> Judgement:
    """Judge runs of which each recording may have any number of classes.

    svm : the head that answers; None: the network's own
    rule : a name among `THRESHOLD_RULES`

    Raises
    ------
    RunError as `evaluate_labels` does, or if the rule does not fit the classes.
    SettingsError as `check_rule` does.
    """
    check_rule(rule, svm)
    evaluation = evaluate_labels(judges, svm=svm)
    head = next(one for one in evaluation.heads if (one.head == SIGMOID) == (svm is None))
    decided = next((one for one in head.decided if one.rule == rule), None)
    if decided is None:
        raise RunError(f"{judges[0].folder}: expected thresholds by a rule of "
                       f"{', '.join(one.rule for one in head.decided)} for these recordings and classes, "
                       f"found {rule}")  # fmt: skip
    temperature, error, brier = head.temperature, head.calibration_error, head.brier
    reliability = head.reliability
    if THRESHOLD_RULES[rule].fitted_on == "training":
        # The paper's way knows no temperature: its thresholds are of the network's probabilities as they are.
        scores, temperature = evaluation.scores, 1.0
        probs = sigmoid(scores.logits)
        error, brier = sigmoid_calibration(probs, scores.truth)
        reliability = pooled_reliability(probs, scores.truth)
    calibrated = {
        "temperature": temperature,
        "calibration_error": error,
        "brier": brier,
        "reliability": {name: getattr(reliability, name).tolist() for name in ReliabilityCurve.__slots__},
        "measured_on": MEASURED_ON,
        "head": head.head,
        "rule": rule,
        "thresholds": list(decided.thresholds),
        "cross_fitted": THRESHOLD_RULES[rule].fitted_on != "training",
    }
    return Judgement(
        evaluation,
        temperature,
        decided.thresholds,
        None,
        calibrated,
        _warnings(evaluation, temperature),
        THRESHOLD_RULES[rule].at_least_one,
    )


def check_rule(rule: str, svm: SVMSettings | None) -> None:
    """Raise SettingsError if there is no such rule, or it is of the networks' own heads alone."""
    known = [name for name, of in THRESHOLD_RULES.items() if svm is None or of.fitted_on != "training"]
    if rule not in known:
        of = "" if svm is None else " of support vector machines"
        raise SettingsError(f"expected thresholds{of} by a rule of {', '.join(known)}, found {rule}")


def _warnings(evaluation: LabelEvaluation, temperature: float) -> tuple[str, ...]:
    """Name the classes that nothing is known of, and what speaks against all of them together."""
    ranking, found = evaluation.heads[0].ranking, []
    absent = [name for name, n in zip(ranking.classes, ranking.support, strict=True) if not n]
    if absent:
        found.append(f"no held-out recording has {', '.join(absent)}: how good the model is for "
                     f"{'them' if absent[1:] else 'it'} is not known")  # fmt: skip
    # Written so that an area that is not defined is no better than chance either.
    if not ranking.macro_auroc.low > CHANCE:
        found.append(f"macro AUROC {ranking.macro_auroc}: it may rank recordings no better than chance")
    if is_at_bound(temperature):
        found.append(f"the temperature is at its bound of {temperature:.3g}: "
                     "the probabilities are not to be believed")  # fmt: skip
    return tuple(found)

"""Scores of classifiers, with intervals and calibration. NumPy only."""

from einthoven.metrics.auroc import auroc, auroc_score
from einthoven.metrics.bootstrap import (
    bootstrap_confusions,
    bootstrap_interval,
    extreme_interval,
    percentile_interval,
)
from einthoven.metrics.calibration import (
    ReliabilityCurve,
    brier_score,
    expected_calibration_error,
    reliability_curve,
)
from einthoven.metrics.cinc2017 import (
    ScoreTable,
    accuracy,
    averaged_classes,
    f1_average,
    f1_scores,
    recall_scores,
    score_table,
)
from einthoven.metrics.confusion import confusion_matrix
from einthoven.metrics.score import Score

__all__ = [
    "ReliabilityCurve",
    "Score",
    "ScoreTable",
    "accuracy",
    "auroc",
    "auroc_score",
    "averaged_classes",
    "bootstrap_confusions",
    "bootstrap_interval",
    "brier_score",
    "confusion_matrix",
    "expected_calibration_error",
    "extreme_interval",
    "f1_average",
    "f1_scores",
    "percentile_interval",
    "recall_scores",
    "reliability_curve",
    "score_table",
]

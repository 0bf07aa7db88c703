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
    pooled_reliability,
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
from einthoven.metrics.cinc2020 import (
    challenge_metric,
    challenge_score,
    judged_challenge_score,
    merge_outputs,
    merge_scores,
    reward_matrix,
)
from einthoven.metrics.confusion import confusion_matrix
from einthoven.metrics.cpsc2018 import Cpsc2018Table, cpsc2018_score, cpsc2018_table
from einthoven.metrics.multilabel import (
    auprc_by_class,
    auroc_by_class,
    exact_match,
    f1_by_class,
    f_beta_by_class,
    g_beta_by_class,
    macro_auprc,
    macro_auroc,
    macro_f1,
    macro_f_beta,
    macro_g_beta,
)
from einthoven.metrics.multilabel_table import OutputTable, RankingTable, output_table, ranking_table
from einthoven.metrics.score import Score

__all__ = [
    "Cpsc2018Table",
    "OutputTable",
    "RankingTable",
    "ReliabilityCurve",
    "Score",
    "ScoreTable",
    "accuracy",
    "auprc_by_class",
    "auroc",
    "auroc_by_class",
    "auroc_score",
    "averaged_classes",
    "bootstrap_confusions",
    "bootstrap_interval",
    "brier_score",
    "challenge_metric",
    "challenge_score",
    "confusion_matrix",
    "cpsc2018_score",
    "cpsc2018_table",
    "exact_match",
    "expected_calibration_error",
    "extreme_interval",
    "f1_average",
    "f1_by_class",
    "f1_scores",
    "f_beta_by_class",
    "g_beta_by_class",
    "judged_challenge_score",
    "macro_auprc",
    "macro_auroc",
    "macro_f1",
    "macro_f_beta",
    "macro_g_beta",
    "merge_outputs",
    "merge_scores",
    "output_table",
    "percentile_interval",
    "pooled_reliability",
    "ranking_table",
    "recall_scores",
    "reliability_curve",
    "reward_matrix",
    "score_table",
]

"""From a classifier's scores to an answer: probabilities, votes, thresholds, and when to say nothing."""

from einthoven.decisions.abstention import COVERAGES, Abstention, coverage_table, fit_abstention
from einthoven.decisions.cross_fitting import CrossFitted, cross_fitted_outputs
from einthoven.decisions.probabilities import sigmoid, softmax
from einthoven.decisions.rules import THRESHOLD_RULES, ThresholdRule
from einthoven.decisions.temperature import (
    TEMPERATURES,
    fit_sigmoid_temperature,
    fit_temperature,
    is_at_bound,
    negative_log_likelihood,
)
from einthoven.decisions.thresholds import apply_thresholds, fit_thresholds
from einthoven.decisions.votes import average, majority_vote

__all__ = [
    "COVERAGES",
    "TEMPERATURES",
    "THRESHOLD_RULES",
    "Abstention",
    "CrossFitted",
    "ThresholdRule",
    "apply_thresholds",
    "average",
    "coverage_table",
    "cross_fitted_outputs",
    "fit_abstention",
    "fit_sigmoid_temperature",
    "fit_temperature",
    "fit_thresholds",
    "is_at_bound",
    "majority_vote",
    "negative_log_likelihood",
    "sigmoid",
    "softmax",
]

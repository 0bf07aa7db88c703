"""Heads that replace a network's own classifier: one support vector machine a class, on its features."""

from einthoven.training.heads.fitting import cross_fitted_head_logits, fit_head
from einthoven.training.heads.graph import with_head
from einthoven.training.heads.head import UNKNOWN_LOGIT, SVMHead
from einthoven.training.heads.settings import SVMSettings

__all__ = ["UNKNOWN_LOGIT", "SVMHead", "SVMSettings", "cross_fitted_head_logits", "fit_head", "with_head"]

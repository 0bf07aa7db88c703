"""What happens to a recording before a network sees it: a tuple of frozen steps.

The same object trains, serves and is saved in the bundle, so that a model never
meets other input than it learnt from.
"""

from einthoven.pipeline.chain import Pipeline
from einthoven.pipeline.steps import (
    STEPS,
    Bandpass,
    Clip,
    FillMissing,
    FirstRows,
    FixLength,
    LogSpectrogram,
    PadTo,
    Resample,
    RobustScale,
    Step,
    TakeRate,
    Upright,
    ZScore,
)

__all__ = [
    "STEPS",
    "Bandpass",
    "Clip",
    "FillMissing",
    "FirstRows",
    "FixLength",
    "LogSpectrogram",
    "PadTo",
    "Pipeline",
    "Resample",
    "RobustScale",
    "Step",
    "TakeRate",
    "Upright",
    "ZScore",
]

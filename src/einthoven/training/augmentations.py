"""The augmentations that a protocol may name."""

from __future__ import annotations

from einthoven.training.augmentation import (
    Augmentation,
    BaselineWander,
    Crop,
    DropoutBursts,
    FlipPolarity,
    Gain,
    HeartRate,
    LeadDropout,
    MainsHum,
    MeasuredHeartRate,
    Stretch,
    ThresholdBursts,
    WhiteNoise,
)
from einthoven.training.beat_augmentation import (
    BeatHeight,
    BeatNoise,
    FeatureNoise,
    Fibrillation,
    OtherLead,
    ShiftBeat,
)

AUGMENTATIONS: dict[str, type[Augmentation]] = {
    kind.__name__: kind
    for kind in (
        *(DropoutBursts, ThresholdBursts, HeartRate, MeasuredHeartRate, Stretch, Crop, Gain, FlipPolarity),
        *(WhiteNoise, BaselineWander, MainsHum, LeadDropout),
        *(OtherLead, Fibrillation, ShiftBeat, BeatHeight, BeatNoise, FeatureNoise),
    )
}
"""By their names; those of whole recordings first, then those of heartbeats."""

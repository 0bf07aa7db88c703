"""einthoven's own rhythm network: a small 1-D network for a single lead, trained on two cores in an hour.

Source: none. Its design was chosen by trials on folds of the CinC 2017 training set: see `DESIGN_LIMIT`.
"""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.networks import RhythmNet
from einthoven.pipeline import Bandpass, Clip, FillMissing, Pipeline, Resample, RobustScale
from einthoven.recipes.cinc2017 import ATTRIBUTION, CLASSES, LABELS, LIMITS, N_PUBLISHED, SCORED
from einthoven.recipes.one_cycle import one_cycle
from einthoven.recipes.recipe import Recipe
from einthoven.recipes.zihlmann2017 import TABLES
from einthoven.training.augmentation import (
    BaselineWander,
    Crop,
    DropoutBursts,
    FlipPolarity,
    Gain,
    Stretch,
    WhiteNoise,
)
from einthoven.training.protocol import Protocol

PIPELINE = Pipeline((FillMissing(), Bandpass(0.5, 40.0, 3), Resample(100.0), RobustScale(), Clip(8.0)))

# Their amplitudes are in the unit of the scaled signal, whose median second is 2 high.
AUGMENTATIONS = (
    Stretch(0.85, 1.18),
    Crop(30.0),
    Gain(0.7, 1.4),
    FlipPolarity(probability=0.5),
    DropoutBursts(0.1, 0.05, probability=0.5),
    WhiteNoise(0.15, probability=0.3),
    BaselineWander(0.6, 0.1, 0.6, probability=0.2),
)

EPOCHS = {"cpu": 18, "gpu": 48}

DESIGN_LIMIT = (
    "Its design (network, epochs, augmentation) was chosen by trials on folds of the very recordings that it "
    "is scored on, which may flatter the figures somewhat."
)
"""What no interval over recordings shows. One early trial on fold 0 chose the architecture."""


@dataclass(frozen=True)
class Options:
    """Settings of the recipe itself.

    augment : change the training signals at random
    """

    augment: bool = True


def build(budget: str, options: Options) -> Protocol:
    """Return the protocol: one cycle, in which no run chooses anything on data.

    The schedule itself, and the rest of the design, was chosen by trials on folds of the same recordings.
    """
    return Protocol(
        recipe=RHYTHM.name,
        classes=CLASSES,
        scored=SCORED,
        leads=("I",),
        pipeline=PIPELINE,
        augment_after=len(PIPELINE.steps),
        augmentations=AUGMENTATIONS if options.augment else (),
        network=RhythmNet(),
        batch_size=32,
        class_weights="power:0.4",
        label_smoothing=0.05,
        **one_cycle(EPOCHS[budget]),
    )


RHYTHM = Recipe(
    name="rhythm",
    title="Normal rhythm, atrial fibrillation, other rhythm or noise, from one lead",
    citation="einthoven; no publication",
    dataset="cinc2017",
    budgets=("cpu", "gpu"),
    options=Options(),
    build=build,
    tables=TABLES[:1],
    rows=("CNN", "CRNN"),
    differences=("There is no paper to differ from; the tables of Zihlmann et al. 2017 stand beside ours.",),
    limits=(*LIMITS[:-1], DESIGN_LIMIT, LIMITS[-1]),
    attribution=ATTRIBUTION,
    labels=LABELS,
    n_published=N_PUBLISHED,
)

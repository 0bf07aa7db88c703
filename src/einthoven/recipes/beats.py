"""einthoven's own heartbeat classifier: morphology beside what is usual here, and the rhythm around a beat.

Source: none. Its design was chosen by trials on folds, by patient, of DS1 of MIT-BIH without recording 201.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from einthoven.errors import SettingsError
from einthoven.networks import BeatNet
from einthoven.pipeline import FirstRows, Pipeline
from einthoven.recipes.division import split_by
from einthoven.recipes.mitdb import (
    ATTRIBUTION,
    CLASSES,
    LABELS,
    ROWS,
    TABLES,
    division,
    fold_of,
    part_of,
    table_of,
)
from einthoven.recipes.one_cycle import one_cycle
from einthoven.recipes.recipe import NO_DEVICE, Recipe
from einthoven.signal.beats import AroundRPeaks
from einthoven.training.beat_augmentation import (
    BeatHeight,
    BeatNoise,
    FeatureNoise,
    Fibrillation,
    OtherLead,
    ShiftBeat,
)
from einthoven.training.protocol import Protocol

CUT = AroundRPeaks(training=True)
AUGMENTATIONS = (
    OtherLead(probability=0.75),
    Fibrillation(probability=0.5),
    ShiftBeat(0.016),
    BeatHeight(0.8, 1.25),
    BeatNoise(0.6, probability=0.5),
    FeatureNoise(0.02),
)
CHAIN_STRENGTH = 0.2
EPOCHS = {"cpu": 7}

LIMITS = (
    "It learnt from half-hour recordings of 47 people at most, made with Holter recorders in one hospital "
    "from 1975 to 1979: in other people, and with other devices and leads, its figures are not known to "
    "hold.",
    "Fusion beats (F) are few in its data, and nearly all of one or two people; of class Q there is a "
    "handful beside those of four pacemakers: neither answer is to be relied on.",
    "Of supraventricular beats (S) of people that it had not seen it missed most, and of all beats it gives "
    "some the wrong class with confidence: neither an S nor none is to be relied on.",
    "Unless its beats were split at random it has seen no paced beat: in a paced rhythm its answers mean "
    "nothing.",
    "A beat is read at its R peak: where that is missed, or is none, the answer means nothing.",
    "Its design (network, features, augmentation) was chosen by trials on folds of DS1 without 201, which "
    "may flatter its figures on these recordings somewhat.",
    NO_DEVICE,
)

SplitName = Literal["ds1", "inter-patient", "inter-patient-classical", "random"]


@dataclass(frozen=True)
class Options:
    """Settings of the recipe itself.

    split : "ds1", five folds by patient of DS1 without 201, by which the design was chosen; "inter-patient",
        DS1 without 201 against DS2; "inter-patient-classical", with 201, whose patient is that of 202 in DS2;
        "random", a fifth of all beats tests, and one patient's beats are on both sides

    Raises SettingsError if the split is unknown.
    """

    split: SplitName = "ds1"

    def __post_init__(self) -> None:
        if self.split not in get_args(SplitName):
            raise SettingsError(f"expected a split of {', '.join(get_args(SplitName))}, found {self.split!r}")


def build(budget: str, options: Options) -> Protocol:
    """Return the protocol: one cycle, the beats chained unless they are dealt at random."""
    dealt = split_by(options.split)
    return Protocol(
        recipe="beats",
        classes=CLASSES,
        leads=CUT.rows,
        cut=CUT,
        part=part_of(options.split),
        pipeline=Pipeline((FirstRows(len(CUT.served.rows)),)),
        augmentations=AUGMENTATIONS,
        network=BeatNet(n_samples=CUT.n_samples, n_features=CUT.n_features),
        batch_size=128,
        class_weights="power:0.35",
        label_smoothing=0.02,
        chain_strength=0.0 if dealt == "beat" else CHAIN_STRENGTH,
        split_by=dealt,
        **one_cycle(EPOCHS[budget]),
    )


BEATS = Recipe(
    name="beats",
    title="Heartbeat: normal, supraventricular, ventricular, fusion or paced, from one lead and its rhythm",
    citation="einthoven; no publication",
    dataset="mitdb",
    budgets=("cpu",),
    options=Options(),
    build=build,
    tables=TABLES,
    rows=ROWS,
    table_of=table_of,
    fold_of=fold_of,
    division=division,
    differences=("There is no paper to differ from; published figures stand beside ours.",),
    limits=LIMITS,
    attribution=ATTRIBUTION,
    labels=LABELS,
)

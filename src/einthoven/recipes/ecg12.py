"""einthoven's own network of twelve leads: 24 diagnoses and five superclasses, with any of the leads missing.

Source: none. Its design was chosen by trials on folds of the recordings that it is scored on: see
`DESIGN_LIMIT`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from einthoven.bundle.model import Label
from einthoven.datasets.twelve_leads import CLASSES
from einthoven.networks import RhythmNet
from einthoven.pipeline import Bandpass, Clip, FillMissing, Pipeline, Resample
from einthoven.recipes.one_cycle import one_cycle
from einthoven.recipes.recipe import NO_DEVICE, Recipe, check_choices
from einthoven.recipes.shahid2020 import ATTRIBUTION as CHALLENGE_ATTRIBUTION
from einthoven.recipes.twelve_leads import CHALLENGE_LABELS, LEADS
from einthoven.training.augmentation import BaselineWander, Crop, Gain, LeadDropout, Stretch, WhiteNoise
from einthoven.training.protocol import Protocol

# Amplitudes stay in mV: low voltage and hypertrophy are told by them.
PIPELINE = Pipeline((FillMissing(), Bandpass(0.5, 40.0, 3), Resample(100.0), Clip(8.0)))

AUGMENTATIONS = (
    Stretch(0.9, 1.1, probability=0.5),
    Crop(10.0),
    Gain(0.8, 1.25),
    WhiteNoise(0.05, probability=0.3),
    BaselineWander(0.2, 0.1, 0.6, probability=0.2),
    LeadDropout(probability=0.3),
)

NETWORK = RhythmNet(widths=(24, 48, 48, 64, 64, 96, 96), recurrent=48)
"""Narrower than the rhythm recipe's: there are a sixth as many recordings to learn from."""
EPOCHS = {"cpu": 40, "gpu": 80}
LEARNING_RATE = 3e-3
EMA = 0.99
"""An epoch has some 33 steps: a longer memory would hold the beginning of the training."""

Split = Literal["patient", "source"]

DESIGN_LIMIT = (
    "Its design (network, epochs, augmentation) was chosen by trials on folds of the very recordings that it "
    "is scored on, which may flatter the figures somewhat."
)


@dataclass(frozen=True)
class Options:
    """Settings of the recipe itself.

    split : "patient", folds 1 to 9 of PTB-XL, among which the other sources are dealt; or "source", each
        source of at least 60 recordings left out in turn
    augment : change the training signals at random

    Raises SettingsError if a value is unknown.
    """

    split: Split = "patient"
    augment: bool = True

    def __post_init__(self) -> None:
        check_choices(self)


def build(budget: str, options: Options) -> Protocol:
    """Return the protocol: one cycle, in which no run chooses anything on data."""
    return Protocol(
        recipe=ECG12.name,
        classes=CLASSES,
        leads=LEADS,
        may_lack_leads=True,
        pipeline=PIPELINE,
        augment_after=len(PIPELINE.steps),
        augmentations=AUGMENTATIONS if options.augment else (),
        network=NETWORK,
        batch_size=32,
        loss="binary-cross-entropy",
        class_weights="none",
        split_by=options.split,
        n_folds=9,
        **one_cycle(EPOCHS[budget], LEARNING_RATE, EMA),
    )


LABELS = (
    *CHALLENGE_LABELS,
    Label("NORM", "normal ECG"),
    Label("MI", "myocardial infarction"),
    Label("STTC", "change of the ST segment or the T wave"),
    Label("CD", "conduction disturbance"),
    Label("HYP", "hypertrophy"),
)

ECG12 = Recipe(
    name="ecg12",
    title="24 diagnoses and five superclasses from twelve leads, any of which may be missing",
    citation="einthoven; no publication",
    dataset="twelve-leads",
    budgets=("cpu", "gpu"),
    options=Options(),
    build=build,
    differences=("There is no paper to differ from.",),
    limits=(
        "It learnt from few recordings, of many classes very few: a class of which it has seen less than "
        "some dozens is little more than a name.",
        "The five superclasses are learnt from PTB-XL alone, one device maker and one country.",
        "A diagnosis that a source does not use counts as absent there, though patients may have it.",
        "Of recordings from a source that it has learnt nothing from it knows less than the figures say: "
        "docs/ecg12.md has those with each source left out in turn, and with fewer leads.",
        "It can be wrong and sure of it: simulated atrial fibrillation, which it never saw, it calls a "
        "normal ECG.",
        "Of the sources beside PTB-XL no patient is known: two recordings of one patient may lie on both "
        "sides of a split, which flatters the figures.",
        DESIGN_LIMIT,
        NO_DEVICE,
    ),
    attribution=(
        "PTB-XL: P. Wagner et al., Scientific Data 7, 154, 2020, https://doi.org/10.1038/s41597-020-0495-6, "
        f"published under CC BY 4.0. {CHALLENGE_ATTRIBUTION}"
    ),
    labels=LABELS,
)

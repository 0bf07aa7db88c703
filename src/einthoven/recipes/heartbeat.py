"""Kachuee, Fazeli, Sarrafzadeh: ECG Heartbeat Classification: A Deep Transferable Representation.

Source: 2018, arXiv:1805.00794 (heartbeats, network "resnet"), and the program that is public beside it,
gilad-altshuler/ECG-classification, notebook at 4515403 (network "cnn" and both presets).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from einthoven.networks import HeartbeatCNN, HeartbeatResNet
from einthoven.pipeline import Pipeline
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
from einthoven.recipes.recipe import NO_DEVICE, Recipe, check_choices
from einthoven.signal.beats import SevenSteps
from einthoven.training.protocol import Phase, Protocol

CITATION = (
    "M. Kachuee, S. Fazeli, M. Sarrafzadeh: ECG Heartbeat Classification: A Deep Transferable "
    "Representation, 2018, arXiv:1805.00794"
)

NetworkName = Literal["cnn", "resnet"]
Preset = Literal["plain", "weighted"]
Beats = Literal["annotated", "found"]
SplitName = Literal["random", "inter-patient", "inter-patient-classical", "ds1"]


@dataclass(frozen=True)
class Options:
    """Settings of the recipe itself.

    network : "cnn", the public program's, or "resnet", the paper's
    preset : how the program trained it: "plain" or class-"weighted"
    beats : cut at the "annotated" R peaks, or at those that the paper's seven steps have "found"
    split : "random", a fifth of the beats tests and one patient's beats are on both sides; "inter-patient",
        DS1 without 201 against DS2; "inter-patient-classical", with 201, whose patient is that of 202 in DS2;
        "ds1", five folds by patient of DS1 without 201, to choose settings by

    Raises SettingsError if a value is unknown.
    """

    network: NetworkName = "cnn"
    preset: Preset = "plain"
    beats: Beats = "annotated"
    split: SplitName = "inter-patient"

    def __post_init__(self) -> None:
        check_choices(self)


DIFFERENCES = (
    "The paper and its program split beats at random, so that one patient's beats are on both sides; so does "
    "split=random, and says so. The other splits keep patients apart.",
    "Beats are cut from the recordings at all annotated R peaks, or with beats=found at those that the "
    "paper's seven steps find. The paper does not say which R peaks its tables were cut at.",
    "What stops a run and halves its learning rate is the loss of a validation part, a fifth of what does "
    "not test; a run keeps the weights of its best epoch. The learning rate is halved after 5 epochs without "
    "a better one, training stops after 10. The largest number of epochs is not stated; 100 here.",
    "How the program weighed classes is not stated; here by inverse frequency, with mean 1 over the training "
    "part.",
    "How the paper balanced its test set is not stated; ours is as it is.",
    "How the paper trained network resnet is not stated in full; it is trained as the presets of cnn are.",
    "Budget gpu: at most 40 epochs. On a GPU, in any budget, forward passes are in bfloat16 (bf16-mixed).",
    "Budget cpu: 12 epochs of network cnn, 36 of resnet, all of them in one cycle of the learning rate, up "
    "to 1e-3 (plain) or 3e-4 (weighted). It does not stop early.",
)

EPOCHS = {"gpu": 40, "paper": 100}
CPU_EPOCHS = {"cnn": 12, "resnet": 36}
"""Sized so that a fold of 109,494 beats takes less than 25 minutes of one core: 107 s or 33 s an epoch."""
CPU_RATES = {"plain": 1e-3, "weighted": 3e-4}

LIMITS = (
    "It learnt from half-hour recordings of 47 people, made with Holter recorders in one hospital from 1975 "
    "to 1979: in other people, and with other devices and leads, its figures are not known to hold.",
    "Fusion beats are rare in its data, and nearly all beats of class Q there are those of four pacemakers.",
    "A beat is cut at its R peak: where that is missed, or is none, the answer means nothing.",
    NO_DEVICE,
)


def build(budget: str, options: Options) -> Protocol:
    """Return the protocol: one phase, stopped and slowed down by the validation loss."""
    cut = SevenSteps(rpeaks=options.beats)
    return Protocol(
        recipe="heartbeat",
        classes=CLASSES,
        leads=cut.rows,
        cut=cut,
        part=part_of(options.split),
        pipeline=Pipeline(()),
        network=HeartbeatCNN() if options.network == "cnn" else HeartbeatResNet(),
        phases=(_phase(budget, options),),
        batch_size=64 if options.preset == "plain" else 87,
        class_weights="none" if options.preset == "plain" else "inverse",
        split_by=split_by(options.split),
        n_folds=5,
        n_validation_parts=5,
    )


def _phase(budget: str, options: Options) -> Phase:
    phase = Phase(optimizer="adam", learning_rate=1e-4, monitor="loss")
    if options.preset == "weighted":
        phase = replace(phase, optimizer="rmsprop", learning_rate=3e-4, weight_decay=2e-4)
    if budget == "cpu":
        # Too few epochs for a plateau to show.
        epochs, rate = CPU_EPOCHS[options.network], CPU_RATES[options.preset]
        return replace(phase, epochs=epochs, learning_rate=rate, schedule="one-cycle")
    return replace(phase, epochs=EPOCHS[budget], schedule="plateau", plateau_patience=5, patience=10)


HEARTBEAT = Recipe(
    name="heartbeat",
    title="Heartbeat: normal, supraventricular, ventricular, fusion or paced, from one lead",
    citation=CITATION,
    dataset="mitdb",
    budgets=("cpu", "gpu", "paper"),
    options=Options(),
    build=build,
    tables=TABLES,
    rows=ROWS,
    table_of=table_of,
    fold_of=fold_of,
    division=division,
    differences=DIFFERENCES,
    limits=LIMITS,
    attribution=ATTRIBUTION,
    labels=LABELS,
)

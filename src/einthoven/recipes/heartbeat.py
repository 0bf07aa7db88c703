"""Kachuee, Fazeli, Sarrafzadeh: ECG Heartbeat Classification: A Deep Transferable Representation.

Source: 2018, arXiv:1805.00794 (heartbeats, network "resnet"), and the program that is public beside it,
gilad-altshuler/ECG-classification, notebook at 4515403 (network "cnn" and both presets).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from einthoven.bundle.model import Label
from einthoven.errors import SettingsError
from einthoven.networks import HeartbeatCNN, HeartbeatResNet
from einthoven.pipeline import Pipeline
from einthoven.recipes.recipe import ExpectedRow, ExpectedTable, Recipe
from einthoven.signal.beats import SevenSteps
from einthoven.training.protocol import Phase, Protocol

CITATION = (
    "M. Kachuee, S. Fazeli, M. Sarrafzadeh: ECG Heartbeat Classification: A Deep Transferable "
    "Representation, 2018, arXiv:1805.00794"
)

CLASSES = ("N", "S", "V", "F", "Q")
LABELS = (
    Label("N", "normal beat, bundle branch block or escape beat"),
    Label("S", "supraventricular ectopic beat"),
    Label("V", "ventricular ectopic beat"),
    Label("F", "fusion of a ventricular and a normal beat"),
    Label("Q", "paced or unclassifiable beat"),
)
"""ANSI/AAMI EC57; which annotation is which: `einthoven.datasets.mitdb.AAMI`."""

NetworkName = Literal["cnn", "resnet"]
Preset = Literal["plain", "weighted"]
Beats = Literal["annotated", "found"]
SplitName = Literal["random", "inter-patient", "inter-patient-classical", "ds1"]

DS2_TESTS = 1
"""The fold of the two inter-patient splits that trains on DS1 and tests on DS2."""


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
    split: SplitName = "random"

    def __post_init__(self) -> None:
        known = {"network": NetworkName, "preset": Preset, "beats": Beats, "split": SplitName}
        for name, choices in known.items():
            if getattr(self, name) not in get_args(choices):
                raise SettingsError(f"expected {name} of {', '.join(get_args(choices))}, "
                                    f"found {getattr(self, name)!r}")  # fmt: skip


TABLES = (
    ExpectedTable(
        "Published, beats split at random",
        CLASSES,
        (
            ExpectedRow("Kachuee et al. 2018, on a balanced test set", accuracy=93.4),
            ExpectedRow("its public program, plain", accuracy=98.74),
            ExpectedRow("its public program, class-weighted", accuracy=97.26, balanced_accuracy=93.8),
        ),
    ),
    ExpectedTable(
        "Published, DS1 to DS2 with 201",
        CLASSES,
        (
            ExpectedRow(
                "de Chazal et al. 2004",
                recall=(None, 75.9, 77.7, None, None),
                precision=(None, 38.5, 81.9, None, None),
            ),
            ExpectedRow("Mondéjar-Guerra et al. 2019, SVM ensemble", accuracy=94.5, balanced_accuracy=70.3),
            ExpectedRow(
                "Mousavi and Afghah 2018, sequence to sequence (not replicated here)",
                f1=(None, 90.7, 99.7, None, None),
            ),
        ),
        folds=(DS2_TESTS,),
    ),
)

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
    "It is no medical device: nobody's treatment may depend on its answers.",
)
ATTRIBUTION = (
    "MIT-BIH Arrhythmia Database: G. B. Moody, R. G. Mark: The impact of the MIT-BIH Arrhythmia Database, "
    "IEEE Engineering in Medicine and Biology 20(3), 2001, https://doi.org/10.1109/51.932724. The recordings "
    "are published under the Open Data Commons Attribution License 1.0 (ODC-BY 1.0); none of them is in the "
    "model's file."
)


def build(budget: str, options: Options) -> Protocol:
    """Return the protocol: one phase, stopped and slowed down by the validation loss."""
    cut = SevenSteps(rpeaks=options.beats)
    return Protocol(
        recipe="heartbeat",
        classes=CLASSES,
        leads=cut.rows,
        cut=cut,
        part="" if options.split == "random" else options.split,
        pipeline=Pipeline(()),
        network=HeartbeatCNN() if options.network == "cnn" else HeartbeatResNet(),
        phases=(_phase(budget, options),),
        batch_size=64 if options.preset == "plain" else 87,
        class_weights="none" if options.preset == "plain" else "inverse",
        split_by="beat" if options.split == "random" else "patient",
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


def table_of(protocol: Protocol) -> int | None:
    """Return the position in `TABLES` of what was published for a protocol's split, or None."""
    if protocol.split_by == "beat":
        return 0 if not protocol.part else None
    return 1 if protocol.part in ("inter-patient", "inter-patient-classical") else None


def fold_of(protocol: Protocol) -> int:
    """Return the fold that tests unless another is asked for: DS2 where the sides are DS1 and DS2."""
    return DS2_TESTS if table_of(protocol) == 1 else 0


def division(protocol: Protocol) -> str:
    """Say which beats a protocol uses, and what keeps its sides apart."""
    beats = "annotated" if protocol.cut is None or not protocol.cut.finds_rpeaks else "found"
    if protocol.split_by == "beat":
        return f"{beats} beats, intra-patient: one patient's beats are on both sides"
    if protocol.part == "inter-patient-classical":
        return f"{beats} beats, inter-patient but for 201 and 202, of one patient"
    return f"{beats} beats, inter-patient"


HEARTBEAT = Recipe(
    name="heartbeat",
    title="Heartbeat: normal, supraventricular, ventricular, fusion or paced, from one lead",
    citation=CITATION,
    dataset="mitdb",
    budgets=("cpu", "gpu", "paper"),
    options=Options(),
    build=build,
    tables=TABLES,
    rows=tuple(row.name for table in TABLES for row in table.rows),
    table_of=table_of,
    fold_of=fold_of,
    division=division,
    differences=DIFFERENCES,
    limits=LIMITS,
    attribution=ATTRIBUTION,
    labels=LABELS,
)

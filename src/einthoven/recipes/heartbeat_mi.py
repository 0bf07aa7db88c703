"""Myocardial infarction in a heartbeat, by the network that learnt arrhythmia: Kachuee et al. (2018).

Source: as `einthoven.recipes.heartbeat`: 2018, arXiv:1805.00794, and the program that is public beside it,
gilad-altshuler/ECG-classification, notebook at 4515403, whose transfer by number of trained layers this is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from einthoven.bundle.model import Label
from einthoven.recipes.division import in_words, split_by
from einthoven.recipes.heartbeat import CITATION, NetworkName, Preset
from einthoven.recipes.heartbeat import Options as HeartbeatOptions
from einthoven.recipes.heartbeat import build as build_heartbeat
from einthoven.recipes.recipe import NO_DEVICE, ExpectedRow, ExpectedTable, Recipe, check_choices
from einthoven.signal.beats import SevenSteps
from einthoven.training.protocol import Protocol

LABELS = (Label("NORM", "normal ECG"), Label("MI", "myocardial infarction"))
CLASSES = tuple(label.name for label in LABELS)

Beats = Literal["detected", "found"]
Trained = Literal["1", "2", "3", "4", "all"]
SplitName = Literal["patient", "random"]

INFARCTION = "infarction"
"""The part of PTB-XL with infarctions and normal recordings."""


@dataclass(frozen=True)
class Options:
    """Settings of the recipe itself.

    network : "cnn", the public program's, or "resnet", the paper's
    preset : how the program trained it: "plain" or class-"weighted"
    beats : cut at the R peaks that einthoven has "detected", one beat each, as nobody has annotated them; or
        at those that the paper's seven steps have "found"
    trained : so many of the last fully connected layers learn, and all before them stays as the initial
        weights have it; "all": everything learns, from the initial weights or, without any, from scratch
    split : "patient", nobody's beats are on two sides; "random", a fifth of the beats tests, as in the
        source, and one patient's beats are on both sides

    Raises SettingsError if a value is unknown.
    """

    network: NetworkName = "cnn"
    preset: Preset = "plain"
    beats: Beats = "detected"
    trained: Trained = "all"
    split: SplitName = "patient"

    def __post_init__(self) -> None:
        check_choices(self)


PUBLISHED: Mapping[str, float] = MappingProxyType(
    {"1": 71.6, "2": 81.2, "3": 96.4, "4": 99.4, "scratch": 99.1}
)
"""Accuracy, percent, by number of trained layers, of the public program; of beats of PTB, split at random."""

TABLE = ExpectedTable(
    "Published, PTB beats split at random",
    CLASSES,
    (
        *(
            ExpectedRow(f"public program, layers trained: last {k}", accuracy=value)
            for k, value in PUBLISHED.items()
            if k != "scratch"
        ),
        ExpectedRow("public program, from scratch", accuracy=PUBLISHED["scratch"]),
        ExpectedRow("public program, plain", accuracy=99.35),
        ExpectedRow("public program, class-weighted", accuracy=99.41, balanced_accuracy=99.2),
        ExpectedRow("Kachuee et al. 2018", accuracy=95.9),
    ),
)

CPU_EPOCHS = {"cnn": 20, "resnet": 40}
"""Sized so that all six variants of `einthoven transfer` on one fold of 7,469 beats take less than 25 minutes
of one core: 3.3 s an epoch with one to three layers of the cnn, 4.6 s with four, 8 s with all."""

DIFFERENCES = (
    "The source splits beats at random, so that one patient's beats are on both sides; so does split=random, "
    "and says so. The default keeps patients apart.",
    "The R peaks are those that einthoven detects, or with beats=found those of the paper's seven steps.",
    "What stops a run and halves its learning rate is the loss of a validation part, a fifth of what does "
    "not test, by patient too where the split is; a run keeps the weights of its best epoch. The largest "
    "number of epochs is not stated; 100 here.",
    "How the program weighed classes is not stated; here by inverse frequency, with mean 1 over the training "
    "part.",
    "How long the program trained for each number of layers, and with which settings, is not stated; here "
    "all are trained alike, by the preset.",
    "Budget gpu: at most 40 epochs. On a GPU, in any budget, forward passes are in bfloat16 (bf16-mixed).",
    f"Budget cpu: {CPU_EPOCHS['cnn']} epochs of network cnn, {CPU_EPOCHS['resnet']} of resnet, all of them "
    "in one cycle of the learning rate, up to 1e-3 (plain) or 3e-4 (weighted). It does not stop early.",
)

_ALWAYS = (
    "It reads lead II alone, one heartbeat at a time: an infarction that shows in other leads only escapes "
    "it.",
    "It was taught normal recordings and infarctions, and nothing else: of any other disease its answer "
    "means nothing.",
)


def _build(name: str, part: str) -> Callable[[str, Options], Protocol]:
    """Return what builds the protocols of a recipe: those of `heartbeat`, on another task."""

    def build(budget: str, options: Options) -> Protocol:
        base = build_heartbeat(budget, HeartbeatOptions(network=options.network, preset=options.preset))
        (phase,) = base.phases
        if budget == "cpu":
            phase = replace(phase, epochs=CPU_EPOCHS[options.network])
        phase = replace(phase, train_last=None if options.trained == "all" else int(options.trained))
        cut = SevenSteps(rpeaks="found" if options.beats == "found" else "annotated")
        return replace(
            base,
            recipe=name,
            classes=CLASSES,
            cut=cut,
            leads=cut.rows,
            part=part,
            phases=(phase,),
            split_by=split_by(options.split),
        )

    return build


HEARTBEAT_MI = Recipe(
    name="heartbeat-mi",
    title="Heartbeat: normal or myocardial infarction, from lead II",
    citation=CITATION,
    dataset="ptbdb",
    budgets=("cpu", "gpu", "paper"),
    options=Options(),
    build=_build("heartbeat-mi", ""),
    tables=(TABLE,),
    rows=tuple(row.name for row in TABLE.rows),
    table_of=lambda protocol: 0 if protocol.split_by == "beat" and not protocol.part else None,
    division=lambda protocol: in_words(protocol, "detected", "inter-patient where patients are known"),
    differences=DIFFERENCES,
    limits=(
        *_ALWAYS,
        "It learnt from recordings of one hospital, made with one device that is not sold; its infarctions "
        "are the reason why people were admitted, its normal recordings those of healthy volunteers.",
        NO_DEVICE,
    ),
    attribution=(
        "PTB Diagnostic ECG Database: R. Bousseljot, D. Kreiseler, A. Schnabel: Nutzung der "
        "EKG-Signaldatenbank CARDIODAT der PTB über das Internet, Biomedizinische Technik 40 (supplement 1), "
        "1995, https://doi.org/10.1515/bmte.1995.40.s1.317. The recordings are published under the Open Data "
        "Commons Attribution License 1.0 (ODC-BY 1.0); none of them is in the model's file."
    ),
    labels=LABELS,
)

HEARTBEAT_MI_PTBXL = replace(
    HEARTBEAT_MI,
    name="heartbeat-mi-ptbxl",
    dataset="ptbxl",
    build=_build("heartbeat-mi-ptbxl", INFARCTION),
    # What was published is of another data set.
    tables=(),
    rows=(),
    table_of=lambda _: None,
    differences=("The data set is PTB-XL at 100 Hz; the source's is PTB.", *DIFFERENCES),
    limits=(
        *_ALWAYS,
        "Its infarctions are statements about an ECG, of any wall and any age, old ones among them; no "
        "angiogram or blood test stands behind them.",
        NO_DEVICE,
    ),
    attribution=(
        "PTB-XL: P. Wagner et al.: PTB-XL, a large publicly available electrocardiography dataset, "
        "Scientific Data 7, 2020, https://doi.org/10.1038/s41597-020-0495-6. The recordings are "
        "published under the Creative Commons Attribution 4.0 licence (CC BY 4.0); none of them is in "
        "the model's file."
    ),
)

TRANSFERS: Mapping[str, Recipe] = MappingProxyType(
    {recipe.name: recipe for recipe in (HEARTBEAT_MI, HEARTBEAT_MI_PTBXL)}
)
"""The recipes that a network trained on arrhythmia is transferred to, by name."""

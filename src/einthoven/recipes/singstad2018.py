"""Singstad, Tronstad: Classifying 12-Lead ECG Using Convolutional Recurrent Neural Network.

Source: the paper, and the authors' public program (Bsingstad/python-classifier-2020), which is its likely
origin by structure and date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from einthoven.bundle.model import Label
from einthoven.metrics.cpsc2018 import CLASSES
from einthoven.networks import CNNLSTM
from einthoven.pipeline import FillMissing, FixLength, Pipeline, Resample
from einthoven.recipes.recipe import NO_DEVICE, ExpectedRow, ExpectedTable, Recipe, check_choices
from einthoven.recipes.twelve_leads import LEADS, NOISE
from einthoven.training.protocol import Phase, Protocol

CITATION = (
    "B. J. Singstad, C. Tronstad: Classifying 12-Lead ECG Using Convolutional Recurrent Neural Network "
    "(2018 data of the China Physiological Signal Challenge)"
)

FS, DURATION_S = 500.0, 20.0
CPU_FS, CPU_WIDTH, CPU_BLOCKS = 100.0, 64, 4
EPOCHS, PATIENCE, BATCH_SIZE = 10, 3, 32
# Sized for some hundred recordings: ten epochs of batches of 32 would be forty steps of the 144 at hand.
CPU_EPOCHS, CPU_PATIENCE, CPU_BATCH_SIZE, CPU_SGD_RATE = 60, 15, 8, 0.1
SGD_RATE = 1e-2
"""Keras's default; neither paper nor program states one."""
N_FOLDS = 10

LossOption = Literal["paper", "bce"]


@dataclass(frozen=True)
class Options:
    """Settings of the recipe itself.

    loss : "paper", categorical cross-entropy on sigmoid outputs with stochastic gradient descent; or "bce",
        binary cross-entropy with AdamW, which suits several labels a recording
    augment : add noise, baseline wander and changes of gain to the training signals

    Raises SettingsError if a value is unknown.
    """

    loss: LossOption = "paper"
    augment: bool = False

    def __post_init__(self) -> None:
        check_choices(self)


TABLE = ExpectedTable(
    "Published",
    CLASSES,
    (
        ExpectedRow(
            "Singstad & Tronstad, training data, as printed",
            precision=(68, 84, 81, 87, 54, 83, 86, 70, 57),
            recall=(89, 93, 90, 88, 74, 83, 94, 85, 65),
        ),
        ExpectedRow("Singstad & Tronstad, cross-validation", measures=(("F2", 83.0), ("G2", 61.0))),
        ExpectedRow("Singstad & Tronstad, hidden test", measures=(("F2", 75.0), ("G2", 51.0))),
        ExpectedRow("Strodthoff et al., xresnet1d101", measures=(("F2", 81.9), ("G2", 60.2))),
        ExpectedRow("Strodthoff et al., inception1d", measures=(("F2", 80.7), ("G2", 59.4))),
        ExpectedRow("Strodthoff et al., resnet1d_wang", measures=(("F2", 80.3), ("G2", 58.6))),
    ),
)

DIFFERENCES = (
    "The printed rows RBBB, PAC and PVC are probably rotated: read in the order of the authors' program, "
    "RBBB has 86 and 94, PAC 54 and 74, PVC 83 and 83, which fits their known difficulty.",
    "The authors' program reshapes (leads, samples) to (samples, leads), which scrambles both; einthoven "
    "transposes.",
    "The paper stops early on, and scores, the same held-out tenth. Here a tenth tests, and an eleventh of "
    "the rest decides when to stop.",
    "The patience of early stopping is not stated; 3 epochs here. Nor are batch size and learning rate: 32, "
    "and Keras's 0.01 for SGD; with loss=bce AdamW at 1e-3.",
    "Folds are dealt by iterative stratification, so that each has every class in the same proportion.",
    "The paper fits its thresholds on the training scores of the selected model (rule singstad2018), which "
    "flatters; the rule out-of-fold, each fold decided by the thresholds of the others, stands beside it, "
    "and 0.5 each. Which model was selected is not stated: the one with the lowest validation loss here.",
    "Budget cpu: 100 Hz instead of 500, 4 blocks instead of 6, width 64 instead of 512; up to 60 "
    "epochs with a patience of 15, batches of 8, SGD at 0.1: a few hundred recordings are too few for the "
    "paper's ten epochs.",
)


def build(budget: str, options: Options) -> Protocol:
    """Return the protocol of a budget: one phase, ten folds."""
    is_cpu = budget == "cpu"
    fs = CPU_FS if is_cpu else FS
    network = CNNLSTM(width=CPU_WIDTH, n_blocks=CPU_BLOCKS) if is_cpu else CNNLSTM()
    is_paper = options.loss == "paper"
    phase = Phase(
        epochs=CPU_EPOCHS if is_cpu else EPOCHS,
        optimizer="sgd" if is_paper else "adamw",
        learning_rate=(CPU_SGD_RATE if is_cpu else SGD_RATE) if is_paper else 1e-3,
        monitor="loss",
        patience=CPU_PATIENCE if is_cpu else PATIENCE,
    )
    pipeline = Pipeline((FillMissing(), Resample(fs), FixLength(int(fs * DURATION_S))))
    return Protocol(
        recipe=SINGSTAD.name,
        classes=CLASSES,
        leads=LEADS,
        pipeline=pipeline,
        augment_after=2 if options.augment else 3,
        augmentations=NOISE if options.augment else (),
        network=network,
        phases=(phase,),
        batch_size=CPU_BATCH_SIZE if is_cpu else BATCH_SIZE,
        loss="categorical-on-sigmoid" if is_paper else "binary-cross-entropy",
        class_weights="none",
        n_folds=N_FOLDS,
    )


LABELS = (
    Label("Normal", "normal sinus rhythm", "426783006"),
    Label("AF", "atrial fibrillation", "164889003"),
    Label("I-AVB", "first-degree atrioventricular block", "270492004"),
    Label("LBBB", "left bundle branch block", "164909002"),
    Label("RBBB", "right bundle branch block", "59118001"),
    Label("PAC", "premature atrial contraction", "284470004"),
    Label("PVC", "premature ventricular contraction", "164884008"),
    Label("STD", "ST segment depression", "429622005"),
    Label("STE", "ST segment elevation", "164931005"),
)

SINGSTAD = Recipe(
    name="singstad2018",
    title="Nine classes from 12 leads: convolutions, then an LSTM",
    citation=CITATION,
    dataset="cpsc2018",
    budgets=("cpu", "gpu", "paper"),
    options=Options(),
    build=build,
    tables=(TABLE,),
    rows=tuple(row.name for row in TABLE.rows),
    differences=DIFFERENCES,
    limits=(
        "It learnt from recordings of eleven hospitals in China: elsewhere its figures are not known to "
        "hold.",
        "The data set publishes no patient ids, so the folds are by recording: two recordings of one patient "
        "may lie on both sides of a split, which flatters the figures.",
        NO_DEVICE,
    ),
    attribution=(
        "China Physiological Signal Challenge 2018: F. Liu et al., Journal of Medical Imaging and Health "
        "Informatics 8(7), 2018, https://doi.org/10.1166/jmihi.2018.2442; in the PhysioNet/Computing in "
        "Cardiology Challenge 2020 published under CC BY 4.0. None of the recordings is in the model's file."
    ),
    labels=LABELS,
    n_published=6877,
)

"""Zihlmann, Perekrestenko, Tschannen: Convolutional Recurrent Neural Networks for ECG Classification.

Source: Computing in Cardiology 2017, doi:10.22489/CinC.2017.070-060 (preset `paper`), and the authors' public
program (preset `code`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from einthoven.errors import SettingsError
from einthoven.networks import SpectrogramCNN, SpectrogramCRNN
from einthoven.pipeline import FillMissing, LogSpectrogram, Pipeline, Resample
from einthoven.recipes.cinc2017 import ATTRIBUTION, CLASSES, LABELS, LIMITS, N_PUBLISHED, SCORED
from einthoven.recipes.recipe import ExpectedRow, ExpectedTable, Recipe
from einthoven.training.augmentation import (
    Augmentation,
    Crop,
    DropoutBursts,
    HeartRate,
    MeasuredHeartRate,
    Stretch,
    ThresholdBursts,
)
from einthoven.training.protocol import Phase, Protocol

CITATION = (
    "M. Zihlmann, D. Perekrestenko, M. Tschannen: Convolutional Recurrent Neural Networks for "
    "Electrocardiogram Classification, CinC 2017, doi:10.22489/CinC.2017.070-060"
)

# Section 2.1: one-sided spectrogram, Tukey window (0.25) of 64 samples, half of them shared, logarithm.
PIPELINE = Pipeline((FillMissing(), Resample(300.0), LogSpectrogram(window=64, overlap=32, shape=0.25)))
BATCH_SIZE = 20

Preset = Literal["paper", "code"]
HeartRateSource = Literal["assumed", "measured"]


@dataclass(frozen=True)
class Options:
    """Settings of the recipes themselves.

    preset : "paper", or "code" where the authors' program differs from it
    augment : dropout bursts and random resampling; Table 2 is without
    heart_rate : what random resampling starts from: 80 bpm "assumed", or the rate "measured" in the recording
        (the paper's future work); "measured" with preset "paper" and with augmentation only

    Raises SettingsError if a value is unknown, or "measured" would change nothing.
    """

    preset: Preset = "paper"
    augment: bool = True
    heart_rate: HeartRateSource = "assumed"

    def __post_init__(self) -> None:
        if self.preset not in get_args(Preset) or self.heart_rate not in get_args(HeartRateSource):
            raise SettingsError(f"expected a known preset and heart_rate, found {self}")
        if self.heart_rate == "measured" and (self.preset == "code" or not self.augment):
            idle = "preset=code" if self.preset == "code" else "augment=false"
            raise SettingsError(
                "expected preset=paper and augment=true for heart_rate=measured, since only their resampling "
                f"starts from a heart rate, found {idle}"
            )


TABLES = (
    ExpectedTable(
        "Zihlmann et al. 2017, Table 1 (5-fold cross-validation)",
        CLASSES,
        (
            ExpectedRow("CNN", (88.1, 83.6, 66.9, 77.1), (87.8, 79.0, 70.1, 65.3), 81.2, 79.0),
            ExpectedRow("CRNN", (89.9, 77.8, 69.4, 71.5), (88.8, 76.4, 72.6, 64.5), 82.3, 79.2),
        ),
    ),
    ExpectedTable(
        "Zihlmann et al. 2017, Table 2 (without data augmentation)",
        CLASSES,
        (
            ExpectedRow("CNN", (90.5, 64.2, 68.0, 54.9), (88.3, 69.9, 69.1, 59.6), 80.5, 75.8),
            ExpectedRow("CRNN", (90.2, 69.1, 63.0, 51.1), (87.4, 69.9, 66.5, 54.9), 79.2, 74.6),
        ),
    ),
)

DIFFERENCES = (
    "The patience of early stopping is not stated in the paper; 100 epochs here. A phase ends with the "
    "weights of its best epoch by F1avg on the validation part, in every budget.",
    "The share of samples that dropout bursts zero is not stated; 10 % on average here.",
    "The CNN's number of epochs is not stated; at most 500 here, as in the CRNN's first phase. Nor is the "
    "length of the CRNN's third phase; at most 600 here.",
    "Loss weights are the inverse class frequencies, with mean 1 over the training part.",
    "Batches are of about 20 recordings, for all to be of nearly one size, and 16 of them at a time are "
    "sorted by length, for little padding. In training, batch norm counts the zeros of the padding.",
    "Preset code draws every class as often as the most frequent one; the authors' way is not known.",
    "Budget gpu: a fifth of the paper's epochs, patience, steps of the learning rate and, in preset code, "
    "epochs before the first stop. On a GPU, in any budget, forward passes are in bfloat16 (bf16-mixed).",
    "Budget cpu: one convolution instead of 4 or 6 a block (a deep network hardly begins to learn in so few "
    "epochs), 12 instead of 32 channels, dropout 0.03 instead of 0.15, LSTM of 50 units, training on at most "
    "30 s of a recording (with and without augmentation), CNN 32 epochs, CRNN 14, 4 and 18, each phase one "
    "cycle of the learning rate up to 3e-3 (CRNN's third phase: 1e-3). No phase stops early; it keeps its "
    "best epoch's weights.",
)

GPU_SHARE = 5

# Sized so that a fold of the 6,868 recordings takes about a quarter of an hour of one core. Two layers of 8
# channels cost twice as much as one, and after six epochs their loss is where one layer's was after three.
CPU_LAYERS, CPU_WIDTH, CPU_LSTM = 1, 12, 50
CPU_DROPOUT = 0.03
CPU_CROP = Crop(30.0)
CPU_EPOCHS = {"cnn": 32, "convolutions": 14, "lstm": 4, "joint": 18}
CPU_RATE, CPU_JOINT_RATE = 3e-3, 1e-3


def build_cnn(budget: str, options: Options) -> Protocol:
    """Return the protocol of the convolutional network: one phase."""
    network = SpectrogramCNN.preset(options.preset)
    if budget == "cpu":
        network = replace(network, n_layers=CPU_LAYERS, width=CPU_WIDTH, dropout=CPU_DROPOUT)
    phases = (_phase(budget, options, Phase("joint", epochs=500), CPU_EPOCHS["cnn"]),)
    return _protocol("zihlmann2017-cnn", budget, options, network, phases)


def build_crnn(budget: str, options: Options) -> Protocol:
    """Return the protocol of the convolutional recurrent network: convolutions, then LSTM, then both."""
    network = SpectrogramCRNN.preset(options.preset)
    if budget == "cpu":
        network = replace(network, n_layers=CPU_LAYERS, width=CPU_WIDTH, dropout=CPU_DROPOUT)
        network = replace(network, lstm_width=CPU_LSTM)
    first = Phase("convolutions", epochs=500, head="mean")
    second = Phase("lstm", epochs=100, head="lstm", freeze_convolutions=True)
    third = Phase("joint", epochs=600, head="lstm", schedule="step", step_epochs=200)
    phases = (
        _phase(budget, options, first, CPU_EPOCHS["convolutions"]),
        _phase(budget, options, second, CPU_EPOCHS["lstm"]),
        _phase(budget, options, third, CPU_EPOCHS["joint"], CPU_JOINT_RATE),
    )
    return _protocol("zihlmann2017-crnn", budget, options, network, phases)


def _phase(budget: str, options: Options, phase: Phase, cpu_epochs: int, cpu_rate: float = CPU_RATE) -> Phase:
    """Give a phase of the paper the length and the stopping rule of a budget and preset."""
    if budget == "cpu":
        return replace(phase, epochs=cpu_epochs, schedule="one-cycle", learning_rate=cpu_rate)
    phase = replace(phase, patience=100)
    if options.preset == "code":
        phase = replace(phase, check_every=5, not_before=300)
    if budget == "paper":
        return phase
    return replace(
        phase,
        epochs=phase.epochs // GPU_SHARE,
        patience=100 // GPU_SHARE,
        step_epochs=phase.step_epochs // GPU_SHARE,
        not_before=phase.not_before // GPU_SHARE,
    )


def _augmentations(budget: str, options: Options) -> tuple[Augmentation, ...]:
    # The crop is no augmentation of the paper's: it stays where these are off.
    crop = (CPU_CROP,) if budget == "cpu" else ()
    if not options.augment:
        return crop
    if options.preset == "code":
        return (ThresholdBursts(2.0, 11), Stretch(2 / 3, 4 / 3), *crop)
    measured = options.heart_rate == "measured"
    resampling = MeasuredHeartRate(60.0, 120.0) if measured else HeartRate(80.0, 60.0, 120.0)
    return (resampling, *crop, DropoutBursts(0.1, 0.05))


def _table_of(protocol: Protocol) -> int:
    augmented = any(not isinstance(item, Crop) for item in protocol.augmentations)
    return 0 if augmented else 1


def _protocol(
    name: str,
    budget: str,
    options: Options,
    network: SpectrogramCNN | SpectrogramCRNN,
    phases: tuple[Phase, ...],
) -> Protocol:
    augmentations = _augmentations(budget, options)
    return Protocol(
        recipe=name,
        classes=CLASSES,
        scored=SCORED,
        leads=("I",),
        pipeline=PIPELINE,
        # Bursts and resampling act on the samples, so the spectrogram follows them in every epoch.
        augment_after=2 if augmentations else 3,
        augmentations=augmentations,
        network=network,
        phases=phases,
        batch_size=BATCH_SIZE,
        class_weights="code" if options.preset == "code" else "inverse",
        oversample=options.preset == "code",
    )


def _recipe(row: str, title: str, build: Callable[[str, Options], Protocol]) -> Recipe:
    return Recipe(
        name=f"zihlmann2017-{row.lower()}",
        title=title,
        citation=CITATION,
        dataset="cinc2017",
        budgets=("cpu", "gpu", "paper"),
        options=Options(),
        build=build,
        tables=TABLES,
        rows=(row,),
        table_of=_table_of,
        differences=DIFFERENCES,
        limits=LIMITS,
        attribution=ATTRIBUTION,
        labels=LABELS,
        n_published=N_PUBLISHED,
    )


CNN = _recipe("CNN", "Rhythm from one lead: convolutions on a log-spectrogram, then a mean", build_cnn)
CRNN = _recipe("CRNN", "Rhythm from one lead: convolutions on a log-spectrogram, then LSTM", build_crnn)

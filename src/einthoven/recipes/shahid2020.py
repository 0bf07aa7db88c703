"""Shahid et al.: 12-lead ECG Classification Using Deep Neural Networks.

Source: the paper, whose preprocessing is named without parameters, and Hannun et al. 2019,
doi:10.1038/s41591-018-0268-3, from whose public configuration model 2 is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from einthoven.errors import SettingsError
from einthoven.metrics.cinc2020 import CLASSES
from einthoven.networks import Residual16, TwelveLeadCNN
from einthoven.pipeline import (
    Bandpass,
    Clip,
    FillMissing,
    FixLength,
    Pipeline,
    Resample,
    Step,
    TakeRate,
    Upright,
    ZScore,
)
from einthoven.recipes.recipe import NO_DEVICE, ExpectedRow, ExpectedTable, Recipe, check_choices
from einthoven.recipes.twelve_leads import CHALLENGE_LABELS, LEADS, NOISE
from einthoven.training.protocol import Phase, Protocol

CITATION = "Shahid et al.: 12-lead ECG Classification Using Deep Neural Networks (CinC Challenge 2020)"

FS, N_SAMPLES = 500.0, 15_000
CPU_FS, CPU_S = 100.0, 20.0
CPU_WIDTHS, CPU_WIDTH = (16, 32, 64, 64, 128), 8
EPOCHS = {"cpu": 50, "gpu": 60, "paper": 100}
# Hannun et al.: the learning rate falls after 2 epochs without a better loss, training stops after 8.
PLATEAU_PATIENCE, PATIENCE, BATCH_SIZE = 2, 8, 32
# An epoch of some hundred recordings is short, and the loss of their validation part restless.
CPU_PLATEAU_PATIENCE, CPU_PATIENCE, CPU_BATCH_SIZE = 5, 14, 8

LARGEST_MV = 5.0
"""Where amplitudes are cut off with band=amplitude: far above any QRS complex, below a jolt of a cable."""

Split = Literal["patient", "source"]
Band = Literal["frequency", "amplitude"]


@dataclass(frozen=True)
class Options:
    """Settings of the recipes themselves.

    split : "patient", five stratified folds with patients kept together where they are known; or "source",
        each source of at least 60 recordings left out in turn
    band : "frequency", a band-pass; or "amplitude", extreme amplitudes cut off: the paper's words fit both
    resample : bring all recordings to 500 Hz (the paper's future work); otherwise each keeps its own rate
    squeeze_excitation : gates on the channels of each residual block (attention, future work); model 2 only
    augment : noise augmentation (future work)

    Raises SettingsError if a value is unknown.
    """

    split: Split = "patient"
    band: Band = "frequency"
    resample: bool = False
    squeeze_excitation: bool = False
    augment: bool = False

    def __post_init__(self) -> None:
        check_choices(self)


def _row(name: str, *values: float) -> ExpectedRow:
    measures = ("challenge metric", "AUROC", "AUPRC", "accuracy", "F1", "F2")
    return ExpectedRow(name, measures=tuple(zip(measures, values, strict=True)))


TABLES = (
    ExpectedTable(
        "Shahid et al.",
        CLASSES,
        (
            _row("model 1 + SVM", 50.0, 82.1, 34.3, 0.96, 34.2, 46.5),
            _row("model 2 + SVM", 56.7, 88.9, 42.9, 5.17, 39.9, 56.7),
        ),
    ),
)

DIFFERENCES = (
    "The paper states no split: five folds, stratified over the 24 classes, patients together where they are "
    "known; or split=source.",
    "Model 2's challenge metric equals its F2 to six digits in the paper: probably a slip.",
    "The paper names its preprocessing without parameters. Here: inverted recordings are turned over, a "
    "Butterworth band-pass of order 3 from 0.5 to 45 Hz and back (or amplitudes beyond 5 mV cut off), each "
    "lead brought to mean 0 and variance 1, 15,000 samples.",
    "Of model 1 only the kinds of its layers are stated: 1-D convolutions and max-pooling, dense layers at "
    "the end. Its sizes are ours.",
    "The support vector machines learn from features of recordings that the network did not learn from; the "
    "paper does not say from which.",
    "Budget cpu: 100 Hz, 20 s, widths halved (model 1) or a quarter (model 2), batches of 8, up to 50 "
    "epochs, patience 5 and 14 instead of 2 and 8. Budget gpu: up to 60 epochs instead of 100.",
)


def build_cnn(budget: str, options: Options) -> Protocol:
    """Return the protocol of model 1, the plain convolutional network.

    Raises SettingsError if gates are asked for, which it has no blocks for.
    """
    if options.squeeze_excitation:
        raise SettingsError(
            "shahid2020-cnn: expected squeeze_excitation=false, which is of model 2, found true"
        )
    network = TwelveLeadCNN(widths=CPU_WIDTHS) if budget == "cpu" else TwelveLeadCNN()
    phase = replace(_phase(budget), optimizer="adamw")
    return _protocol("shahid2020-cnn", budget, options, network, phase)


def build_resnet(budget: str, options: Options) -> Protocol:
    """Return the protocol of model 2, the 16-block residual network."""
    network = Residual16(squeeze_excitation=options.squeeze_excitation)
    if budget == "cpu":
        network = replace(network, width=CPU_WIDTH)
    return _protocol("shahid2020-resnet", budget, options, network, _phase(budget))


def _phase(budget: str) -> Phase:
    is_cpu = budget == "cpu"
    return Phase(
        epochs=EPOCHS[budget],
        monitor="loss",
        patience=CPU_PATIENCE if is_cpu else PATIENCE,
        schedule="plateau",
        plateau_patience=CPU_PLATEAU_PATIENCE if is_cpu else PLATEAU_PATIENCE,
        plateau_factor=0.1,
    )


def _pipeline(budget: str, options: Options) -> Pipeline:
    band: Step = Bandpass(0.5, 45.0, 3) if options.band == "frequency" else Clip(LARGEST_MV)
    if budget == "cpu":
        length: tuple[Step, ...] = (Resample(CPU_FS), ZScore(), FixLength(int(CPU_FS * CPU_S)))
    else:
        # Without resampling the network is to take every recording's samples as if they were of one rate.
        length = (Resample(FS) if options.resample else TakeRate(FS), ZScore(), FixLength(N_SAMPLES))
    return Pipeline((FillMissing(), Upright(LEADS), band, *length))


def _protocol(
    name: str, budget: str, options: Options, network: TwelveLeadCNN | Residual16, phase: Phase
) -> Protocol:
    pipeline = _pipeline(budget, options)
    return Protocol(
        recipe=name,
        classes=CLASSES,
        leads=LEADS,
        pipeline=pipeline,
        # Noise is in mV: ahead of the z-score.
        augment_after=len(pipeline.steps) - (2 if options.augment else 0),
        augmentations=NOISE if options.augment else (),
        network=network,
        phases=(phase,),
        batch_size=CPU_BATCH_SIZE if budget == "cpu" else BATCH_SIZE,
        loss="binary-cross-entropy",
        class_weights="none",
        split_by=options.split,
        gradient_clip=1.0,
    )


LIMITS = (
    "It learnt from few recordings of each source, and from some sources none: elsewhere its figures are not "
    "known to hold.",
    "Most sources publish no patient ids: two recordings of one patient may lie on both sides of a split, "
    "which flatters the figures.",
    "A diagnosis that a source does not use counts as absent there, though patients may have it.",
    NO_DEVICE,
)

ATTRIBUTION = (
    "PhysioNet/Computing in Cardiology Challenges 2020 and 2021: E. A. Perez Alday et al., Physiological "
    "Measurement 41(12), 124003, 2020, https://doi.org/10.1088/1361-6579/abc960; M. A. Reyna et al., "
    "Computing in Cardiology 2021, https://doi.org/10.23919/CinC53138.2021.9662687. Published under CC BY "
    "4.0; none of the recordings is in the model's file."
)


def _recipe(name: str, row: str, title: str, build: Callable[[str, Options], Protocol]) -> Recipe:
    return Recipe(
        name=f"shahid2020-{name}",
        title=title,
        citation=CITATION,
        dataset="cinc2020",
        budgets=("cpu", "gpu", "paper"),
        options=Options(),
        build=build,
        tables=TABLES,
        rows=(row,),
        differences=DIFFERENCES,
        limits=LIMITS,
        attribution=ATTRIBUTION,
        labels=CHALLENGE_LABELS,
        n_published=88_253,
    )


SHAHID_CNN = _recipe("cnn", "model 1 + SVM", "24 diagnoses from 12 leads: convolutions, then SVMs", build_cnn)
SHAHID_RESNET = _recipe(
    "resnet", "model 2 + SVM", "24 diagnoses from 12 leads: 16 residual blocks, then SVMs", build_resnet
)

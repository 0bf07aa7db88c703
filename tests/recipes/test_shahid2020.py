"""24 diagnoses from 12 leads: what each model, budget and option trains, and the table as printed."""

from typing import Any

import pytest

from einthoven.errors import SettingsError
from einthoven.metrics.cinc2020 import CLASSES
from einthoven.networks import Residual16, TwelveLeadCNN, build_network
from einthoven.pipeline import Bandpass, Clip, FillMissing, FixLength, Resample, TakeRate, Upright, ZScore
from einthoven.recipes import RECIPES
from einthoven.recipes.twelve_leads import LEADS, NOISE

CNN, RESNET = RECIPES["shahid2020-cnn"], RECIPES["shahid2020-resnet"]
BOTH = pytest.mark.parametrize("recipe", [CNN, RESNET], ids=lambda recipe: recipe.name)


def n_parameters(settings: Any) -> int:
    network = build_network(settings, n_leads=12, n_classes=24)
    return sum(weight.numel() for weight in network.parameters())


@BOTH
def test_the_paper_reads_15000_samples_at_their_own_rate(recipe: Any) -> None:
    protocol = recipe.protocol("paper")
    head, tail = (FillMissing(), Upright(LEADS), Bandpass(0.5, 45.0, 3)), (ZScore(), FixLength(15_000))
    assert protocol.pipeline.steps == (*head, TakeRate(500.0), *tail)
    assert protocol.epoch_pipeline.steps == ()
    assert (protocol.n_folds, protocol.split_by, protocol.classes) == (5, "patient", CLASSES)
    assert (protocol.loss, protocol.batch_size, protocol.gradient_clip) == ("binary-cross-entropy", 32, 1.0)
    (phase,) = protocol.phases
    assert (phase.epochs, phase.monitor, phase.patience, phase.learning_rate) == (100, "loss", 8, 1e-3)
    assert (phase.schedule, phase.plateau_patience, phase.plateau_factor) == ("plateau", 2, 0.1)


def test_model_2_is_the_network_of_hannun_and_model_1_has_five_convolutions() -> None:
    assert RESNET.protocol("paper").network == Residual16()
    assert round(n_parameters(Residual16()) / 1e6, 1) == 10.5
    assert RESNET.protocol("paper").phases[0].optimizer == "adam"
    assert CNN.protocol("gpu").network == TwelveLeadCNN()
    assert TwelveLeadCNN().widths == (32, 64, 128, 128, 256)
    assert (TwelveLeadCNN().kernel, TwelveLeadCNN().pool, TwelveLeadCNN().dense) == (7, 4, 128)


@BOTH
def test_the_cpu_reads_less_with_a_smaller_network(recipe: Any) -> None:
    cpu, gpu = recipe.protocol("cpu"), recipe.protocol("gpu")
    assert isinstance(cpu.pipeline.steps[3], Resample)
    assert cpu.pipeline.steps[-1].n_samples < 15_000
    assert n_parameters(cpu.network) < n_parameters(gpu.network) / 3
    assert gpu.pipeline == recipe.protocol("paper").pipeline
    said = " ".join(recipe.differences)
    assert (
        f"{cpu.phases[0].epochs} epochs" in said and f"{gpu.phases[0].epochs} epochs instead of 100" in said
    )


@BOTH
def test_the_papers_words_fit_two_bands_and_its_future_work_is_an_option(recipe: Any) -> None:
    steps = recipe.resolve("paper", {"band": "amplitude", "resample": "true"}).pipeline.steps
    assert steps[2:4] == (Clip(5.0), Resample(500.0))
    noisy = recipe.resolve("gpu", {"augment": "true"})
    assert noisy.augmentations == NOISE
    # In mV, ahead of the z-score.
    assert noisy.epoch_pipeline.steps == (ZScore(), FixLength(15_000))
    assert recipe.resolve("gpu", {"split": "source"}).split_by == "source"
    with pytest.raises(SettingsError, match="band: expected one of frequency, amplitude"):
        recipe.protocol("gpu", band="both")


def test_attention_is_of_model_2_only() -> None:
    gated = RESNET.protocol("gpu", squeeze_excitation=True).network
    assert gated == Residual16(squeeze_excitation=True)
    assert n_parameters(gated) > n_parameters(Residual16())
    with pytest.raises(SettingsError, match="which is of model 2, found true"):
        CNN.protocol("gpu", squeeze_excitation=True)


def test_the_table_is_the_printed_one() -> None:
    names = ["challenge metric", "AUROC", "AUPRC", "accuracy", "F1", "F2"]
    expected = {
        "model 1 + SVM": (50.0, 82.1, 34.3, 0.96, 34.2, 46.5),
        "model 2 + SVM": (56.7, 88.9, 42.9, 5.17, 39.9, 56.7),
    }
    for recipe, name in ((CNN, "model 1 + SVM"), (RESNET, "model 2 + SVM")):
        ((table, row),) = recipe.expected(recipe.protocol())
        assert (row.name, table.classes) == (name, CLASSES)
        assert row.measures == tuple(zip(names, expected[name], strict=True))
        assert "probably a slip" in " ".join(recipe.differences)


@BOTH
@pytest.mark.parametrize(
    "options", [{}, {"band": "amplitude"}, {"split": "source", "resample": True}, {"augment": True}]
)
def test_a_run_is_told_by_its_options(recipe: Any, options: dict[str, Any]) -> None:
    for budget in ("gpu", "paper"):
        protocol = recipe.protocol(budget, **options)
        assert recipe.closest(budget, protocol) == (options, protocol)
    # The budget of the CPU always resamples: that option says nothing there.
    told = {name: value for name, value in options.items() if name != "resample"}
    protocol = recipe.protocol("cpu", **options)
    assert recipe.closest("cpu", protocol) == (told, protocol)

"""Recipes: every budget and option gives the protocol that its source describes."""

from typing import Any

import numpy as np
import pytest

from einthoven.errors import SettingsError
from einthoven.networks import RhythmNet, SpectrogramCNN, SpectrogramCRNN
from einthoven.recipes import RECIPES, find_recipe
from einthoven.recipes.rhythm import DESIGN_LIMIT
from einthoven.training.augmentation import Crop, DropoutBursts, HeartRate, MeasuredHeartRate, ThresholdBursts
from einthoven.training.folds import split_records

CNN, CRNN, RHYTHM = (RECIPES[name] for name in ("zihlmann2017-cnn", "zihlmann2017-crnn", "rhythm"))
CINC2017 = [recipe for recipe in RECIPES.values() if recipe.dataset == "cinc2017"]


def test_every_recipe_is_found_by_its_name() -> None:
    for name, recipe in RECIPES.items():
        assert recipe.name == name
        assert find_recipe(name) is recipe
        for budget in recipe.budgets:
            assert recipe.protocol(budget).recipe == name
    with pytest.raises(SettingsError, match="zihlmann2017-cnn"):
        find_recipe("zihlmann")


def test_the_paper_budget_is_the_papers_protocol() -> None:
    protocol = CNN.protocol("paper")
    assert protocol.network == SpectrogramCNN()
    assert (protocol.batch_size, protocol.class_weights, protocol.oversample) == (20, "inverse", False)
    (phase,) = protocol.phases
    assert (phase.epochs, phase.optimizer, phase.learning_rate, phase.patience) == (500, "adam", 1e-3, 100)
    assert phase.schedule == "constant"
    assert protocol.augmentations == (HeartRate(80.0, 60.0, 120.0), DropoutBursts(0.1, 0.05))
    assert protocol.use_validation


def test_the_crnn_trains_in_three_phases() -> None:
    protocol = CRNN.protocol("paper")
    assert protocol.network == SpectrogramCRNN()
    assert [phase.epochs for phase in protocol.phases] == [500, 100, 600]
    assert [phase.head for phase in protocol.phases] == ["mean", "lstm", "lstm"]
    assert [phase.freeze_convolutions for phase in protocol.phases] == [False, True, False]
    assert [phase.schedule for phase in protocol.phases] == ["constant", "constant", "step"]
    assert protocol.phases[2].step_epochs == 200


def test_the_code_preset_differs_where_the_program_does() -> None:
    protocol = CRNN.protocol("paper", preset="code")
    assert protocol.network == SpectrogramCRNN.preset("code")
    assert (protocol.class_weights, protocol.oversample) == ("code", True)
    assert protocol.augmentations[0] == ThresholdBursts(2.0, 11)
    assert {(p.check_every, p.patience, p.not_before) for p in protocol.phases} == {(5, 100, 300)}


@pytest.mark.parametrize("recipe", [CNN, CRNN])
def test_smaller_budgets_keep_the_shape_of_the_protocol(recipe: Any) -> None:
    paper, gpu, cpu = (recipe.protocol(budget) for budget in ("paper", "gpu", "cpu"))
    assert gpu.network == paper.network
    assert [p.epochs * 5 for p in gpu.phases] == [p.epochs for p in paper.phases]
    assert {p.patience for p in gpu.phases} == {20}
    assert cpu.network.width < paper.network.width
    assert [p.name for p in cpu.phases] == [p.name for p in paper.phases]
    assert sum(p.epochs for p in cpu.phases) <= 36
    assert {p.schedule for p in cpu.phases} == {"one-cycle"}
    assert Crop(30.0) in cpu.augmentations
    assert {p.pipeline for p in (paper, gpu, cpu)} == {paper.pipeline}


def test_augmentation_and_its_heart_rate_are_options() -> None:
    plain = CNN.resolve("paper", {"augment": "false"})
    assert plain.augmentations == ()
    # Then the spectrogram never changes, and is computed once.
    assert plain.epoch_pipeline.steps == ()
    assert len(CNN.protocol("paper").epoch_pipeline.steps) == 1
    measured = CNN.resolve("paper", {"heart_rate": "measured"})
    assert measured.augmentations[0] == MeasuredHeartRate(60.0, 120.0)
    assert RHYTHM.protocol("cpu", augment=False).augmentations == ()


@pytest.mark.parametrize("idle", ["preset=code", "augment=false"])
def test_a_heart_rate_that_nothing_starts_from_is_refused(idle: str) -> None:
    name, value = idle.split("=")
    for recipe in (CNN, CRNN):
        for budget in recipe.budgets:
            assert recipe.resolve(budget, {name: value}) == recipe.resolve(
                budget, {name: value, "heart_rate": "assumed"}
            )
            with pytest.raises(
                SettingsError, match=f"expected preset=paper and augment=true .* found {idle}$"
            ):
                recipe.resolve(budget, {name: value, "heart_rate": "measured"})


def test_the_rhythm_recipe_says_that_its_design_has_seen_its_folds() -> None:
    assert [limit for limit in RHYTHM.limits if "chosen by trials on folds" in limit] == [DESIGN_LIMIT]
    assert RHYTHM.limits[-1] == CNN.limits[-1]
    assert not RHYTHM.protocol().use_validation


def test_options_and_settings_are_given_together() -> None:
    protocol = CRNN.resolve("cpu", {"preset": "code", "network.width": "4", "leads": "I,II,V1"})
    assert protocol.network.width == 4  # type: ignore[union-attr]
    assert protocol.class_weights == "code"
    assert protocol.n_leads == 3


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            {"presets": "code"},
            "did you mean preset.* options of zihlmann2017-cnn: preset, augment, heart_rate$",
        ),
        ({"preset": "other"}, "preset"),
        ({"heart_rate": "guessed"}, "heart_rate"),
        ({"network.widht": "3"}, "did you mean network.width"),
        (
            {"zzz": "3"},
            "zzz; options of zihlmann2017-cnn: preset, augment, heart_rate; settings of any recipe: ",
        ),
    ],
)
def test_unknown_options_are_refused(overrides: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        CNN.resolve("cpu", overrides)


def test_an_unknown_budget_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="cpu, gpu, paper"):
        CNN.protocol("tpu")


def test_the_rhythm_recipe_keeps_nothing_back_and_chooses_nothing() -> None:
    protocol = RHYTHM.protocol()
    assert protocol.network == RhythmNet()
    assert not protocol.use_validation
    assert protocol.phases[0].schedule == "one-cycle"
    assert protocol.phases[0].patience is None
    assert protocol.epoch_pipeline.steps == ()
    assert [row.name for _, row in RHYTHM.expected(protocol)] == ["CNN", "CRNN"]


@pytest.mark.parametrize("recipe", [CNN, CRNN])
def test_the_papers_f1_average_is_the_mean_of_its_columns(recipe: Any) -> None:
    for table in recipe.tables:
        for row in table.rows:
            assert sum(row.f1[:3]) / 3 == pytest.approx(row.f1_average, abs=0.1)


@pytest.mark.parametrize("recipe", [CNN, CRNN])
def test_the_second_table_differs_by_augmentation_alone(recipe: Any) -> None:
    for budget in recipe.budgets:
        augmented, plain = recipe.protocol(budget), recipe.protocol(budget, augment=False)
        crops = [a for a in augmented.augmentations if isinstance(a, Crop)]
        assert list(plain.augmentations) == crops == ([Crop(30.0)] if budget == "cpu" else [])
        same = set(augmented.__dataclass_fields__) - {"augmentations", "augment_after"}
        assert all(getattr(augmented, name) == getattr(plain, name) for name in same)


def test_runs_stand_beside_the_rows_they_reproduce() -> None:
    with_augmentation, without = CNN.tables
    assert CRNN.expected(CRNN.protocol("cpu")) == ((with_augmentation, with_augmentation.rows[1]),)
    assert CNN.expected(CNN.protocol("cpu", augment=False)) == ((without, without.rows[0]),)


@pytest.mark.parametrize("recipe", [CNN, CRNN])
def test_what_budgets_change_is_stated(recipe: Any) -> None:
    said = " ".join(recipe.differences)
    cpu, gpu = recipe.protocol("cpu"), recipe.protocol("gpu")
    assert {p.patience for p in cpu.phases} == {None}
    assert cpu.use_validation
    assert {p.patience for p in gpu.phases} == {20}
    for words in ("bf16-mixed", "No phase stops early", "padding", "best epoch", "without augmentation"):
        assert words in said
    for phase in cpu.phases:
        assert str(phase.epochs) in said
        assert f"{phase.learning_rate:.0e}".replace("e-0", "e-") in said
    assert f"{cpu.network.width} instead of 32 channels" in said
    code = recipe.protocol("gpu", preset="code")
    assert {(p.not_before, p.step_epochs) for p in code.phases} == {(60, 40)}


@pytest.mark.parametrize("name", ["zihlmann2017-cnn", "zihlmann2017-crnn"])
def test_the_production_model_of_the_paper_is_one_setting(name: str) -> None:
    protocol = RECIPES[name].resolve("paper", {"split": "production"})
    labels, unknown = np.repeat([0, 1, 2, 3], 25), [None] * 100
    split = split_records(protocol, labels, unknown, unknown, 2)
    assert (len(split.train), len(split.validation), len(split.test)) == (80, 20, 0)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_classes_of_the_data_set_have_meanings(recipe: Any) -> None:
    assert tuple(label.name for label in recipe.labels) == recipe.protocol().classes
    assert all(label.meaning for label in recipe.labels)


@pytest.mark.parametrize("recipe", CINC2017, ids=lambda recipe: recipe.name)
def test_rhythms_have_codes(recipe: Any) -> None:
    meanings = {label.name: (label.meaning, label.snomed) for label in recipe.labels}
    assert meanings["A"] == ("atrial fibrillation", "164889003")
    assert meanings["~"][1] == ""


@pytest.mark.parametrize("recipe", CINC2017, ids=lambda recipe: recipe.name)
def test_every_recipe_says_whose_data_it_is_and_where_its_limits_are(recipe: Any) -> None:
    assert "10.22489/CinC.2017.065-469" in recipe.attribution
    assert "ODC-BY 1.0" in recipe.attribution
    said = " ".join(recipe.limits)
    for limit in ("9 to 61 s", "one hand-held device", "no patient ids", "no medical device", "uncertain"):
        assert limit in said

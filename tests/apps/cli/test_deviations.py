"""In what runs differ from their budget's protocol."""

from types import SimpleNamespace
from typing import Any

import pytest

from einthoven.apps.cli.deviations import deviations, distinct, in_words
from einthoven.recipes import RECIPES


def evaluated(recipe: str = "rhythm", budget: str = "cpu", **settings: str) -> Any:
    """What `deviations` asks of an evaluation."""
    protocol = RECIPES[recipe].resolve("cpu", settings)
    return SimpleNamespace(
        protocol=protocol, budget=budget, seeds=(protocol.seed,), has_init=False, has_teacher=False
    )


@pytest.mark.parametrize("recipe", list(RECIPES))
def test_a_run_as_its_recipe_says_has_none(recipe: str) -> None:
    assert deviations(evaluated(recipe)) == {}
    assert in_words({}) == ""


def test_settings_are_named_with_their_values() -> None:
    found = deviations(evaluated(batch_size="8", class_weights="none", **{"phases.0.epochs": "3"}))
    assert found == {"phases.0.epochs": 3, "batch_size": 8, "class_weights": "none"}
    assert in_words(found) == "phases.0.epochs=3, batch_size=8, class_weights=none"
    assert in_words(found, 1) == "phases.0.epochs=3 and 2 more"


def test_options_of_the_recipe_are_named_rather_than_all_that_they_change() -> None:
    found = deviations(evaluated("heartbeat", split="random", preset="weighted", batch_size="8"))
    assert found == {"preset": "weighted", "split": "random", "batch_size": 8}
    assert deviations(evaluated("zihlmann2017-cnn", augment="false")) == {"augment": False}


def test_seeds_weights_and_teachers_are_deviations_but_no_path_is() -> None:
    run = evaluated(teacher="somewhere/teacher.npz")
    run.has_init, run.has_teacher, run.seeds = True, True, (0, 2)
    found = deviations(run)
    assert found == {"seed": [0, 2], "init": True, "teacher": True}
    assert in_words(found) == "seed=0 and 2, begun with given weights, taught"


def test_classes_of_other_data_are_none_but_scoring_others_is() -> None:
    assert deviations(evaluated(classes="well,sick", scored="")) == {}
    assert deviations(evaluated(scored="N,A")) == {"scored": ["N", "A"]}


def test_a_budget_or_recipe_that_is_no_longer_known_tells_nothing() -> None:
    assert deviations(evaluated(budget="tpu", batch_size="8")) == {}


def test_objects_go_by_their_names() -> None:
    found = {
        "augmentations": [{"augmentation": "Crop", "max_s": 3.0}, {"augmentation": "Noise"}],
        "ema": None,
    }
    assert in_words(found) == "augmentations=Crop,Noise, ema=None"


def test_headings_that_are_there_once_stay() -> None:
    assert distinct(["x", "y", "x"], ["runs/a", "runs/b", "runs/c"]) == ["x [runs/a]", "y", "x [runs/c]"]

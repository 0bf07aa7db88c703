"""What the recipes of MIT-BIH heartbeats share: one meaning of a split, and the data set's classes."""

from typing import get_args

import pytest

from einthoven.datasets import mitdb as data
from einthoven.recipes import RECIPES, beats, heartbeat, mitdb
from einthoven.recipes.division import split_by

SPLITS = ("random", "inter-patient", "inter-patient-classical", "ds1")


@pytest.mark.parametrize("split", SPLITS)
def test_a_split_means_the_same_in_both_recipes(split: str) -> None:
    ours, theirs = (RECIPES[name].protocol("cpu", split=split) for name in ("beats", "heartbeat"))
    assert (
        (ours.part, ours.split_by)
        == (theirs.part, theirs.split_by)
        == (mitdb.part_of(split), split_by(split))
    )
    assert mitdb.division(ours) == mitdb.division(theirs)
    assert mitdb.fold_of(ours) == mitdb.fold_of(theirs) == (1 if split.startswith("inter-patient") else 0)


@pytest.mark.parametrize("recipe", [beats, heartbeat])
def test_both_recipes_have_these_splits_and_no_other(recipe: object) -> None:
    assert set(get_args(recipe.SplitName)) == set(SPLITS)  # type: ignore[attr-defined]


def test_splits_and_classes_are_those_of_the_data_set() -> None:
    assert {mitdb.part_of(split) for split in SPLITS} == {"", "ds1", *data.TWO_SIDED}
    assert mitdb.CLASSES == data.CLASSES
    compared = {mitdb.table_of(RECIPES["beats"].protocol(split=split)) for split in data.TWO_SIDED}
    assert compared == {1}

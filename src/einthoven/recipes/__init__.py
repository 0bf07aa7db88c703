"""Recipes, one published system a module: data, pipeline, network, protocol and the tables to meet."""

from einthoven.errors import SettingsError
from einthoven.recipes.beats import BEATS
from einthoven.recipes.ecg12 import ECG12
from einthoven.recipes.heartbeat import HEARTBEAT
from einthoven.recipes.heartbeat_mi import TRANSFERS
from einthoven.recipes.recipe import ExpectedRow, ExpectedTable, Recipe
from einthoven.recipes.rhythm import RHYTHM
from einthoven.recipes.shahid2020 import SHAHID_CNN, SHAHID_RESNET
from einthoven.recipes.singstad2018 import SINGSTAD
from einthoven.recipes.zihlmann2017 import CNN, CRNN

__all__ = ["RECIPES", "TRANSFERS", "ExpectedRow", "ExpectedTable", "Recipe", "find_recipe"]

RECIPES: dict[str, Recipe] = {
    "beats": BEATS,
    "ecg12": ECG12,
    "heartbeat": HEARTBEAT,
    **TRANSFERS,
    "rhythm": RHYTHM,
    "shahid2020-cnn": SHAHID_CNN,
    "shahid2020-resnet": SHAHID_RESNET,
    "singstad2018": SINGSTAD,
    "zihlmann2017-cnn": CNN,
    "zihlmann2017-crnn": CRNN,
}


def find_recipe(name: str) -> Recipe:
    """Return the recipe of a name.

    Raises SettingsError listing the recipes there are if there is none of that name.
    """
    if name not in RECIPES:
        raise SettingsError(f"expected a recipe of {', '.join(RECIPES)}, found {name}")
    return RECIPES[name]

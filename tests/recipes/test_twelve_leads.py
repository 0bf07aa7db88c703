"""Recipes of twelve leads are tables and settings: neither torch nor SciPy is needed to read them."""

import subprocess
import sys

from einthoven.metrics.cinc2020 import CLASSES
from einthoven.recipes.twelve_leads import CHALLENGE_LABELS, LEADS
from einthoven.record import TWELVE_LEADS

CODE = """
import sys
for name in ("torch", "scipy", "sklearn", "lightning"):
    sys.modules[name] = None
from einthoven.recipes import RECIPES
for name in ("singstad2018", "shahid2020-cnn", "shahid2020-resnet", "ecg12"):
    recipe = RECIPES[name]
    for budget in recipe.budgets:
        protocol = recipe.protocol(budget)
        recipe.expected(protocol), recipe.closest(budget, protocol), protocol.to_json()
print("read")
"""


def test_they_are_read_where_nothing_can_train() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("read\n", "")


def test_leads_and_labels_are_those_of_the_challenge() -> None:
    assert LEADS == TWELVE_LEADS
    assert tuple(label.name for label in CHALLENGE_LABELS) == CLASSES
    assert all(label.meaning and label.snomed.isdecimal() for label in CHALLENGE_LABELS)

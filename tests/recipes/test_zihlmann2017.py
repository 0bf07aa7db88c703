"""Options of the recipe that contradict each other."""

import itertools

import pytest

from einthoven.errors import SettingsError
from einthoven.recipes.zihlmann2017 import Options


@pytest.mark.parametrize(("preset", "augment"), [*itertools.product(("paper", "code"), (True, False))])
def test_a_heart_rate_is_measured_where_something_starts_from_it(preset: str, augment: bool) -> None:
    assert Options(preset, augment).heart_rate == "assumed"  # type: ignore[arg-type]
    if (preset, augment) == ("paper", True):
        assert Options(preset, augment, "measured").heart_rate == "measured"  # type: ignore[arg-type]
        return
    with pytest.raises(SettingsError, match="heart_rate=measured"):
        Options(preset, augment, "measured")  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"preset": "other"}, {"heart_rate": "guessed"}])
def test_unknown_values_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="expected a known preset and heart_rate"):
        Options(**options)  # type: ignore[arg-type]

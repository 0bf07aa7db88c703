"""Settings as `--set` gives them; what else training begins with: `test_train.py`, `test_transfer.py`."""

import pytest

from einthoven.apps.cli.training_inputs import settings_of
from einthoven.errors import SettingsError


def test_settings_are_values_by_their_keys() -> None:
    assert settings_of(None) == {}
    assert settings_of(["a=1", " b.c = x=y ", "a=2"]) == {"a": "2", "b.c": "x=y"}


@pytest.mark.parametrize("text", ["a", "=1", " =1"])
def test_a_text_without_key_or_value_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^--set: expected KEY=VALUE, found "):
        settings_of(["b=1", text])

"""What the training commands share."""

import pytest

from einthoven.apps.cli.extra import refuse_said, training_extra
from einthoven.apps.cli.reading import said_of_files
from einthoven.errors import MissingExtraError, SettingsError


@pytest.mark.parametrize("name", ["torch", "onnxscript.optimizer"])
def test_a_package_that_training_needs_is_named_with_the_command(name: str) -> None:
    with pytest.raises(MissingExtraError, match=rf"needs {name}.*'einthoven\[train\]'"), training_extra():
        raise ImportError("gone", name=name)


@pytest.mark.parametrize("error", [ImportError("gone", name="einthoven.x"), MissingExtraError("own words")])
def test_other_errors_pass(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)), training_extra():
        raise error


def test_what_is_said_of_files_needs_files() -> None:
    refuse_said(said_of_files(None, None, None))
    for said in ((250.0, None, None), (None, "mV", None), (None, None, "I")):
        with pytest.raises(SettingsError, match="expected --data with them"):
            refuse_said(said_of_files(*said))

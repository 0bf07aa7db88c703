"""What the commands share that need the training packages, or data of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from einthoven.apps.cli.reading import Said
from einthoven.errors import MissingExtraError, SettingsError

_EXTRA = ("torch", "lightning", "sklearn", "pyarrow", "onnx", "onnxscript", "captum")


@contextmanager
def training_extra() -> Iterator[None]:
    """Turn the lack of a package that only training needs into the command that installs it.

    Raises MissingExtraError in place of the ImportError.
    """
    try:
        yield
    except ImportError as error:
        if isinstance(error, MissingExtraError) or (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise MissingExtraError(
            f"this needs {error.name}, which is not installed: pip install 'einthoven[train]'"
        ) from error


def refuse_said(said: Said) -> None:
    """Raise SettingsError if something is said of files where none are given."""
    if any(value is not None for value in said.values()):
        raise SettingsError("--fs, --units and --leads: expected --data with them, found none")

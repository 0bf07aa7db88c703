"""Every exception that einthoven raises on purpose, and the category of its warnings.

Each exception is an `ECGError` and also the built-in exception that fits, so that callers who know nothing of
einthoven still catch what they expect. A message says what was expected, what was found, and where.
"""

import re

_NO_SIGNS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Ends of lines, controls, what turns the direction of writing, and halves of characters."""


def one_line(text: str) -> str:
    r"""Escape what a file may hold that would break a line, steer a terminal, or be no character.

    >>> one_line("lead\x1b[2J\n µV")
    'lead\\x1b[2J\\n µV'
    """
    return _NO_SIGNS.sub(lambda sign: ascii(sign[0])[1:-1], text)


class ECGError(Exception):
    """Any failure that einthoven can explain in one line; the command line prints it and exits with 2."""

    def __str__(self) -> str:
        """Return the message as one line, whatever a file says in it."""
        return one_line(super().__str__())


class FormatError(ECGError, ValueError):
    """A file is not what its format says it must be: truncated, contradictory, unknown."""


class RecordError(ECGError, ValueError):
    """A recording was read but cannot be used as asked: no samples, unknown lead, impossible rate."""


class DatasetError(ECGError, ValueError):
    """A data set is incomplete, wrongly laid out, wrongly labelled, or could not be downloaded."""


class BundleError(ECGError, ValueError):
    """A model bundle is damaged, of a newer version, or does not reproduce its golden output."""


class SettingsError(ECGError, ValueError):
    """A setting, recipe, network or model name is unknown, or its value is out of range."""


class RunError(ECGError, RuntimeError):
    """A training run cannot start, continue or be used: no space left, other settings, not finished."""


class MissingExtraError(ECGError, ImportError):
    """An optional dependency is not installed; the message names the command that installs it."""


class NoSignalWarning(UserWarning):
    """No lead of a recording carries a signal, so that an empty answer says nothing of the heart."""

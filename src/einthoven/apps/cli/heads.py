"""Which heads the command line knows for runs of several labels."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

if TYPE_CHECKING:
    from einthoven.training.heads import SVMSettings


class SVMHead(StrEnum):
    """Support vector machines on the features of a network, or none."""

    LINEAR = "linear"
    RBF = "rbf"
    NYSTROEM = "nystroem"
    AUTO = "auto"
    NONE = "none"


class SVMTeacher(StrEnum):
    """Recordings that support vector machines learn from."""

    HELD_OUT = "held-out"
    TRAINING = "training"


SVMTeacherOption = Annotated[
    SVMTeacher,
    typer.Option(
        "--svm-from",
        help="Machines learn from recordings that the network did not learn from, or from those that it did.",
    ),
]


def svm_settings(head: SVMHead | None, teacher: SVMTeacher) -> SVMSettings | None:
    """Return the settings of the machines asked for, None for none."""
    from einthoven.training.heads import SVMSettings

    if head in (None, SVMHead.NONE):
        return None
    return SVMSettings(kernel=cast(Any, str(head)), learns_from=cast(Any, str(teacher)))

"""Which model is asked: the one of `--model`, or the one for a recording's leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from einthoven.inference.choice import ModelChoice

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="Name of a shipped model, or the path of a bundle. Otherwise that shipped model of whole "
        "recordings answers whose leads a recording has: one of twelve leads from eight of them on, else "
        "one of a single lead.",
        show_default=False,
    ),
]


def choice_of(model: str | None) -> ModelChoice:
    """Return the model of this name or path, else the choice among those in the package.

    What is no choice is loaded at once: so a damaged bundle is told before anything is read.

    Raises BundleError if there is no such model, or it is damaged.
    """
    from einthoven.inference.choice import ModelChoice
    from einthoven.inference.runtime import load

    if model is not None:
        return ModelChoice.of(load(model))
    choice = ModelChoice.shipped()
    if len(choice.outlines) == 1:
        choice.load_model(choice.outlines[0].name)
    return choice

"""All commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from einthoven import __version__
from einthoven.apps.cli.beats import beats
from einthoven.apps.cli.classify import classify
from einthoven.apps.cli.convert import convert
from einthoven.apps.cli.data import download, prepare
from einthoven.apps.cli.evaluate import evaluate
from einthoven.apps.cli.explain import explain
from einthoven.apps.cli.folds import folds
from einthoven.apps.cli.info import info
from einthoven.apps.cli.models import models
from einthoven.apps.cli.pack import pack
from einthoven.apps.cli.plot import plot
from einthoven.apps.cli.recipes import recipes
from einthoven.apps.cli.simulate import simulate
from einthoven.apps.cli.train import train
from einthoven.apps.cli.transfer import transfer

app = typer.Typer(
    name="einthoven",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

_WITHOUT_ARGUMENTS = (models, recipes)
for _command in (
    classify,
    beats,
    plot,
    info,
    convert,
    explain,
    models,
    download,
    prepare,
    recipes,
    folds,
    train,
    transfer,
    evaluate,
    pack,
    simulate,
):
    app.command(no_args_is_help=_command not in _WITHOUT_ARGUMENTS)(_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"einthoven {__version__}")
        raise typer.Exit


@app.callback()
def start(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read an electrocardiogram and say what it shows. Not a medical device."""

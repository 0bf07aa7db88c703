"""`einthoven recipes`, `train` and `pack`: from a recipe to a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.apps.cli.models import describe
from einthoven.apps.cli.output import (
    FormatOption,
    ResultsOption,
    check_output,
    emit,
    if_interrupted,
    plain_layout,
    say,
    say_wrote,
)
from einthoven.apps.cli.progress import progress, training_progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, Said, UnitsOption, said_of_files
from einthoven.apps.text import counted
from einthoven.errors import MissingExtraError, SettingsError

if TYPE_CHECKING:
    from einthoven.datasets import Dataset
    from einthoven.training.checkpoint import Weights
    from einthoven.training.pack import Description
    from einthoven.training.protocol import Protocol
    from einthoven.training.run_folder import Run

N_SIMULATED = 120
"""Recordings that a recipe learns from where it is given none: enough to see the whole way in two minutes."""
_EXTRA = ("torch", "lightning", "sklearn", "pyarrow", "onnx", "onnxscript")


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


def recipes(wanted: FormatOption = None, output: ResultsOption = None) -> None:
    """List what can be trained with one command.

    [bold]Examples[/bold]

    einthoven recipes

    einthoven recipes --format json
    """
    from dataclasses import asdict

    from einthoven.recipes import RECIPES

    check_output(wanted, output)
    items = [
        {
            "name": recipe.name,
            "title": recipe.title,
            "dataset": recipe.dataset,
            "budgets": list(recipe.budgets),
            "options": asdict(recipe.options),
            "citation": recipe.citation,
            "differences": list(recipe.differences),
        }
        for recipe in RECIPES.values()
    ]
    shown = ("name", "title", "dataset", "budgets", "options", "citation")
    emit(items, plain_layout(shown, "recipe"), wanted, output)


def train(
    recipe: Annotated[str, typer.Argument(help="A name among `einthoven recipes`.", show_default=False)],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder of the run; prepared signals go to .cache beside it."),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Store, PhysioNet folder, or folder with labels.csv; simulated recordings if not given."
        ),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="cpu, gpu or paper; the recipe's first if not given.")
    ] = None,
    fold: Annotated[str, typer.Option(help="Which fold tests, from 0; `all` trains on everything.")] = "0",
    init: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|RUN|BUNDLE",
            help="Whose weights to begin with: a shipped model's, a run's, a bundle's. "
            "A name goes before a file of that name; write ./NAME for the file.",
        ),
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="RUN", help="Finished run to distil from, which never saw the fold; may be repeated."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated."),
    ] = None,
    devices: Annotated[
        int, typer.Option(min=1, help="Processes, each on a GPU of its own if there are any.")
    ] = 1,
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Processes that read ahead for each; on a GPU up to 8, on a CPU none."),
    ] = None,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    wanted: FormatOption = None,
) -> None:
    """Train a recipe into a folder; the same command goes on after an interruption.

    [bold]Examples[/bold]

    einthoven train rhythm -o runs/try

    einthoven train zihlmann2017-cnn --data data/cinc2017.store --fold 0 -o runs/cnn-0

    einthoven train rhythm --data my-tables/ --fs 250 --units uV -o runs/tables

    einthoven train rhythm --data my-recordings/ --init rhythm --set phases.0.epochs=5 -o runs/mine

    einthoven train rhythm --data data/cinc2017.store --teacher runs/big-0 --fold 0 -o runs/small-0
    """
    from einthoven.recipes import find_recipe

    chosen = find_recipe(recipe)
    budget = chosen.budgets[0] if budget is None else budget
    protocol = chosen.resolve(budget, dict(_pair(text) for text in settings or ()))
    tested = _fold(fold)
    with training_extra():
        from einthoven.training.machine import Machine
        from einthoven.training.run import train as train_run
        from einthoven.training.run_folder import open_run

        machine = Machine(devices, workers)
        teachers = [open_run(run) for run in teacher or ()]
        dataset = _dataset(data, chosen.dataset, protocol, said_of_files(fs, units, leads))
        weights = None if init is None else _weights(init)
        with if_interrupted(lambda: "the same command goes on where it stopped"):
            run = train_run(
                protocol, dataset, output, fold=tested, budget=budget, init=weights, teachers=teachers,
                machine=machine, progress=training_progress,
            )  # fmt: skip
    if tested is None:
        done = {"run": str(output), "recipe": recipe, "dataset": dataset.name, **run.done()}
        emit([done], plain_layout(("run", "recipe", "dataset", "epochs", "seconds", "n_train")), wanted)
    else:
        from einthoven.apps.cli.evaluate import show_runs

        show_runs([run], wanted)
    say_wrote(output, "a finished run")


def pack(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The bundle: NAME.einthoven.")],
    name: Annotated[str | None, typer.Option(help="The model's name; the file's if not given.")] = None,
    version: Annotated[str, typer.Option(help="The model's edition.")] = "1",
    vote: Annotated[
        str, typer.Option(help="mean of the networks' probabilities, or majority of answers.")
    ] = "mean",
    coverage: Annotated[float, typer.Option(help="Share of recordings that are to get an answer.")] = 0.9,
    judged_by: Annotated[
        list[Path] | None,
        typer.Option(metavar="RUN", help="Runs, one a fold, whose held-out recordings calibrate."),
    ] = None,
    wanted: FormatOption = None,
) -> None:
    """Seal finished runs into one file that classifies without PyTorch.

    [bold]Examples[/bold]

    einthoven pack runs/try -o try.einthoven

    einthoven pack runs/cnn-* -o ensemble.einthoven --vote majority

    einthoven pack runs/all -o rhythm.einthoven --judged-by runs/0 --judged-by runs/1
    """
    with training_extra():
        from einthoven.training.pack import pack as pack_runs
        from einthoven.training.run_folder import open_run

        opened = [open_run(run) for run in runs]
        described = _description(opened, name or output.stem, version)
        judges = [open_run(run) for run in judged_by or ()]
        with (
            if_interrupted(lambda: f"{output} {'stays as it was' if output.exists() else 'was not written'}"),
            progress("packing") as report,
        ):
            bundle = pack_runs(
                opened,
                output,
                described,
                vote=vote,
                coverage=coverage,
                judged_by=judges,
                progress=report,
            )
    shown = (
        "name",
        "version",
        "labels",
        "networks",
        "temperature",
        "abstains_below",
        "coverage",
        "simulated",
    )
    emit([describe(bundle)], plain_layout(shown, "model"), wanted)
    for warning in bundle.provenance["warnings"]:
        say(f"warning: {warning}")
    say_wrote(output, counted(len(bundle.networks), "network"))


def _weights(init: str) -> Weights:
    """Return the weights to begin with: of a shipped model, of a run, or of a bundle.

    Raises SettingsError if there is nothing of that name; else as `initial_weights`.
    """
    from einthoven.inference.shipped import open_model, shipped_models
    from einthoven.training.export import read_weights
    from einthoven.training.pack import initial_weights

    names = shipped_models()
    if init in names:
        return read_weights(open_model(init).networks[0])
    if not Path(init).exists():
        raise SettingsError(f"--init {init}: expected a shipped model ({', '.join(names) or 'none'}), "
                            f"the folder of a run or the path of a bundle, found none of these")  # fmt: skip
    return initial_weights(init)


def _description(runs: Sequence[Run], name: str, version: str) -> Description:
    """Return what the recipe of runs says of the data set that it is made for; of others it knows nothing.

    What the classes mean it also knows of simulated recordings, which imitate that data set.
    """
    from einthoven.recipes import RECIPES
    from einthoven.training.evaluate import SIMULATED
    from einthoven.training.pack import Description

    recipe = RECIPES.get(runs[0].settings["recipe"])
    names = {run.settings["dataset"].get("name") for run in runs}
    if recipe is None or not names <= {recipe.dataset, SIMULATED}:
        return Description(name, version)
    if names != {recipe.dataset}:
        return Description(name, version, recipe.labels)
    told = (recipe.limits, recipe.attribution, recipe.n_published)
    return Description(name, version, recipe.labels, *told)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise SettingsError(f"--set: expected KEY=VALUE, found {text}")
    return key.strip(), value.strip()


def _fold(text: str) -> int | None:
    if text == "all":
        return None
    if not (text.isascii() and text.isdecimal()):
        raise SettingsError(f"--fold: expected a number from 0, or all, found {text}")
    return int(text)


def _dataset(data: Path | None, name: str, protocol: Protocol, said: Said) -> Dataset:
    if data is not None:
        from einthoven.apps.cli.data import noted
        from einthoven.datasets import open_data

        return noted(open_data(data, name, **said))
    if any(value is not None for value in said.values()):
        raise SettingsError("--fs, --units and --leads: expected --data with them, found none")
    from einthoven.datasets.simulated import simulated_dataset

    return simulated_dataset(protocol.classes, n=N_SIMULATED)

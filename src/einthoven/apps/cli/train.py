"""`einthoven train`: from a recipe to a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.apps.cli.extra import training_extra
from einthoven.apps.cli.output import FormatOption, emit, if_interrupted, plain_layout, say_wrote
from einthoven.apps.cli.progress import training_progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, said_of_files
from einthoven.apps.cli.training_inputs import (
    BudgetOption,
    SettingsOption,
    initial_of,
    settings_of,
    training_data,
)
from einthoven.errors import SettingsError


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
    budget: BudgetOption = None,
    fold: Annotated[
        str | None,
        typer.Option(
            help="Which fold tests, from 0; `all` trains on everything; the recipe's choice if not given."
        ),
    ] = None,
    init: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|RUN|BUNDLE",
            help="Whose weights to begin with: a shipped model's, a run's, a bundle's. "
            "A name goes before a file of that name; write ./NAME for the file. "
            "They must not have seen the recordings that test the run.",
        ),
    ] = None,
    teacher: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="RUN", help="Finished run to distil from, which never saw the fold; may be repeated."
        ),
    ] = None,
    settings: SettingsOption = None,
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

    einthoven train heartbeat --data data --set split=random -o runs/random

    einthoven train rhythm --data data/cinc2017.store --teacher runs/big-0 --fold 0 -o runs/small-0
    """
    from einthoven.recipes import find_recipe

    chosen = find_recipe(recipe)
    budget = chosen.budgets[0] if budget is None else budget
    protocol = chosen.resolve(budget, settings_of(settings))
    tested = chosen.fold_of(protocol) if fold is None else _fold(fold)
    with training_extra():
        from einthoven.training.machine import Machine
        from einthoven.training.run import train as train_run
        from einthoven.training.run_folder import open_run

        machine = Machine(devices, workers)
        teachers = [open_run(run) for run in teacher or ()]
        initial = None if init is None else initial_of(init)
        folds = () if tested is None else (tested,)
        dataset = training_data(data, chosen.dataset, protocol, said_of_files(fs, units, leads), folds)
        with if_interrupted(lambda: "the same command goes on where it stopped"):
            run = train_run(
                protocol, dataset, output, fold=tested, budget=budget, init=initial, teachers=teachers,
                machine=machine, progress=training_progress,
            )  # fmt: skip
    if tested is None:
        is_simulated = run.settings["dataset"]["kind"] == "simulated"
        done = {"run": str(output), "recipe": recipe, "dataset": dataset.name, "simulated": is_simulated,
                **run.done()}  # fmt: skip
        shown = ("run", "recipe", "dataset", "simulated", "epochs", "seconds", "n_train")
        emit([done], plain_layout(shown), wanted)
    else:
        from einthoven.apps.cli.evaluate import show_runs
        from einthoven.apps.cli.heads import SVMHead, SVMTeacher, svm_settings

        show_runs([run], wanted, svm=svm_settings(SVMHead.LINEAR, SVMTeacher.HELD_OUT))
    say_wrote(output, "a finished run")


def _fold(text: str) -> int | None:
    if text == "all":
        return None
    if not (text.isascii() and text.isdecimal()):
        raise SettingsError(f"--fold: expected a number from 0, or all, found {text}")
    return int(text)

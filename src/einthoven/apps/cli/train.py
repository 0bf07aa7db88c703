"""`einthoven train`: from a recipe to a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.apps.cli.data import noted
from einthoven.apps.cli.extra import refuse_said, training_extra
from einthoven.apps.cli.output import FormatOption, emit, if_interrupted, plain_layout, say_wrote
from einthoven.apps.cli.progress import progress, training_progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, Said, UnitsOption, said_of_files
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.datasets import Dataset
    from einthoven.training.initial import Initial
    from einthoven.training.protocol import Protocol

N_SIMULATED = 120
"""Recordings that a recipe learns from where it is given none: enough to see the whole way in two minutes."""


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

    einthoven train heartbeat --data data --set split=inter-patient -o runs/beats

    einthoven train rhythm --data data/cinc2017.store --teacher runs/big-0 --fold 0 -o runs/small-0
    """
    from einthoven.recipes import find_recipe

    chosen = find_recipe(recipe)
    budget = chosen.budgets[0] if budget is None else budget
    protocol = chosen.resolve(budget, dict(_pair(text) for text in settings or ()))
    tested = chosen.fold_of(protocol) if fold is None else _fold(fold)
    with training_extra():
        from einthoven.training.machine import Machine
        from einthoven.training.run import train as train_run
        from einthoven.training.run_folder import open_run

        machine = Machine(devices, workers)
        teachers = [open_run(run) for run in teacher or ()]
        dataset = _dataset(data, chosen.dataset, protocol, said_of_files(fs, units, leads))
        initial = None if init is None else _initial(init)
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

        show_runs([run], wanted)
    say_wrote(output, "a finished run")


def _initial(init: str, option: str = "--init") -> Initial:
    """Return the weights of a shipped model, of a run or of a bundle to begin with, and what they have seen.

    option : that named it, for the message

    Raises SettingsError if there is nothing of that name; else as `initial_weights`.
    """
    from einthoven.inference.shipped import open_model, shipped_models
    from einthoven.training.initial import initial_weights

    names = shipped_models()
    if init in names:
        return initial_weights(open_model(init))
    if not Path(init).exists():
        raise SettingsError(f"{option} {init}: expected a shipped model ({', '.join(names) or 'none'}), "
                            f"the folder of a run or the path of a bundle, found none of these")  # fmt: skip
    return initial_weights(init)


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
    """Return the recordings that are given, or simulated ones: of them the protocol's part, and its beats."""
    from einthoven.datasets import open_data, select_part

    if data is None:
        refuse_said(said)
    opened = _simulated(protocol) if data is None else open_data(data, name, **said)
    chosen = select_part(opened, protocol.part)
    if protocol.cut is not None:
        from einthoven.datasets.heartbeats import cut_beats

        with progress(f"cutting heartbeats of {chosen.name}, recordings") as report:
            chosen = cut_beats(chosen, protocol.cut, report)
    # All that the simulator says is that it is one.
    return chosen if data is None else noted(chosen)


def _simulated(protocol: Protocol) -> Dataset:
    from einthoven.datasets.simulated import simulated_beats, simulated_dataset

    if protocol.cut is not None:
        return simulated_beats(n=N_SIMULATED)
    return simulated_dataset(protocol.classes, n=N_SIMULATED)

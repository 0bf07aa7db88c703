"""`einthoven transfer`: how many layers must learn anew for another task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.apps.cli.extra import training_extra
from einthoven.apps.cli.output import FormatOption, emit, if_interrupted, say, say_wrote
from einthoven.apps.cli.progress import progress, training_progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, said_of_files
from einthoven.apps.cli.training_inputs import (
    BudgetOption,
    SettingsOption,
    initial_of,
    settings_of,
    training_data,
)
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.datasets import Dataset
    from einthoven.training.protocol import Protocol
    from einthoven.training.transfer import VariantScores

PICTURES = ("transfer.png", "transfer.svg")


def transfer(
    recipe: Annotated[str, typer.Argument(help="heartbeat-mi or heartbeat-mi-ptbxl.", show_default=False)],
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="NAME|RUN|BUNDLE",
            help="The network that is transferred: a run's, such as of `einthoven train heartbeat`, a "
            "shipped model's or a bundle's. It must not have seen the recordings that test.",
        ),
    ],
    data: Annotated[Path, typer.Option(help="Store, PhysioNet folder, or folder with labels.csv.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the runs, a folder each, and of the pictures.")
    ],
    split: Annotated[
        str | None, typer.Option(help="patient or random; the recipe's own, patient, if not given.")
    ] = None,
    folds: Annotated[
        str | None,
        typer.Option(metavar="0,1,...|all", help="Which folds test, each a set of runs; 0 if not given."),
    ] = None,
    budget: BudgetOption = None,
    settings: SettingsOption = None,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    wanted: FormatOption = None,
) -> None:
    """Let 1, 2, ... of the last layers of a trained network learn another task, all of them, or a fresh one.

    A table and two pictures (transfer.png, transfer.svg) show the scores. Finished runs stay as they are, and
    the same command goes on after an interruption.

    [bold]Examples[/bold]

    einthoven transfer heartbeat-mi-ptbxl --from runs/heartbeat --data data -o runs/mi

    einthoven transfer heartbeat-mi-ptbxl --from runs/heartbeat --data data -o runs/mi-random --split random

    einthoven transfer heartbeat-mi --from runs/heartbeat --data data -o runs/mi --folds 0,1,2
    """
    from einthoven.recipes import TRANSFERS

    if recipe not in TRANSFERS:
        raise SettingsError(f"expected a recipe of {', '.join(TRANSFERS)}, found {recipe}")
    chosen = TRANSFERS[recipe]
    overrides = settings_of(settings) | ({} if split is None else {"split": split})
    budget = chosen.budgets[0] if budget is None else budget
    protocol = chosen.resolve(budget, overrides)
    said = said_of_files(fs, units, leads)
    asked = (0,) if folds is None else _folds(folds)
    with training_extra():
        from einthoven.training.transfer import check_source, score_variant, train_variants

        # Data takes long to read: whatever can be refused without it is refused first.
        initial = initial_of(source, "--from")
        check_source(protocol, initial, f"--from {source}")
        dataset = training_data(data, chosen.dataset, protocol, said, asked or ())
        with if_interrupted(lambda: "the same command goes on where it stopped"):
            runs = train_variants(
                protocol, dataset, output, folds=asked or _all_folds(protocol, dataset), budget=budget,
                init=initial, progress=training_progress, started=_say_started,
            )  # fmt: skip
        scores = []
        with progress("scoring runs, variants") as report:
            for variant, of in runs.items():
                scores.append(score_variant(variant, of))
                report(len(scores), len(runs))
    _show(scores, output, source, wanted)


def _show(scores: Sequence[VariantScores], output: Path, source: str, wanted: FormatOption) -> None:
    from einthoven.apps.cli.transfer_table import transfer_items, transfer_layout, transfer_notes
    from einthoven.apps.transfer_plot import draw_transfer
    from einthoven.recipes.heartbeat_mi import PUBLISHED

    items = transfer_items(scores, PUBLISHED, source)
    emit(items, transfer_layout(items), wanted, notes=transfer_notes(items))
    for name in PICTURES:
        draw_transfer(scores, output / name, PUBLISHED)
        say_wrote(output / name)


def _say_started(variant: str, fold: int, number: int, n_runs: int) -> None:
    from einthoven.apps.cli.transfer_table import trained_in_words

    say(f"run {number} of {n_runs}: {trained_in_words(variant)}, fold {fold}")


def _folds(text: str) -> tuple[int, ...] | None:
    """Return the folds that are asked for, None for all of them.

    Raises SettingsError if that is neither numbers, each once, nor `all`.
    """
    if text == "all":
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise SettingsError(f"--folds: expected numbers from 0 such as 0,1,2, or all, found {text}")
    found = tuple(map(int, parts))
    if len(set(found)) < len(found):
        raise SettingsError(f"--folds: expected folds, each once, found {text}")
    return found


def _all_folds(protocol: Protocol, dataset: Dataset) -> tuple[int, ...]:
    from einthoven.training.folds import split_dataset

    return tuple(range(split_dataset(protocol, dataset, 0)[1].n_folds))

"""`einthoven folds`: what a recipe's folds hold, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.output import (
    FormatOption,
    Item,
    Layout,
    ResultsOption,
    check_output,
    emit,
    value_of,
)
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, said_of_files
from einthoven.apps.cli.table import Cell, Row, Table
from einthoven.apps.cli.training_inputs import BudgetOption, SettingsOption, settings_of, training_data
from einthoven.apps.text import counted

if TYPE_CHECKING:
    from einthoven.training.fold_report import FoldCounts, FoldReport

_COLUMNS = ("fold", "source", "part", "recordings", "patients", "of unknown patients", "without positives")


def folds(
    recipe: Annotated[str, typer.Argument(help="A name among `einthoven recipes`.", show_default=False)],
    data: Annotated[
        Path | None,
        typer.Option(help="As `einthoven train --data` takes it; simulated recordings if not given."),
    ] = None,
    budget: BudgetOption = None,
    settings: SettingsOption = None,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    wanted: FormatOption = None,
    output: ResultsOption = None,
) -> None:
    """Show how a recipe divides recordings: what each part holds, and that no patient is in two.

    [bold]Examples[/bold]

    einthoven folds shahid2020-cnn --data data

    einthoven folds shahid2020-cnn --data data --set split=source

    einthoven folds ecg12 --data data --format json
    """
    from einthoven.recipes import find_recipe
    from einthoven.training.fold_report import fold_report

    check_output(wanted, output)
    protocol = find_recipe(recipe).resolve(budget, settings_of(settings))
    dataset = training_data(data, find_recipe(recipe).dataset, protocol, said_of_files(fs, units, leads))
    report = fold_report(protocol, dataset)
    items = [item for counts in report.folds for item in _items(report, counts)]
    emit(items, _layout(items), wanted, output, [_note(report)])


def _items(report: FoldReport, counts: FoldCounts) -> list[dict[str, Any]]:
    parts = {"train": counts.train, "validation": counts.validation, "test": counts.test}
    return [
        {
            "dataset": report.dataset,
            "split_by": report.split_by,
            "fold": counts.fold,
            "source": counts.source,
            "part": name,
            "recordings": part.n_records,
            "patients": part.n_patients,
            "of unknown patients": part.n_unknown,
            "without positives": list(part.without_positives),
            "positives": dict(part.positives),
            "judged": dict(part.judged),
            "shared_patients": counts.n_shared_patients,
        }
        for name, part in parts.items()
        if part.n_records
    ]


def _layout(items: Sequence[Item]) -> Layout:
    shown = [name for name in _COLUMNS if any(item[name] not in (None, [], "") for item in items)]

    def tables(found: Sequence[Item]) -> list[Table]:
        rows = tuple(Row(tuple(_cell(item[name]) for name in shown)) for item in found)
        return [Table(tuple(shown), rows)]

    fields = {name: value_of(name) for name in ("dataset", "split_by", *_COLUMNS, "positives", "judged",
                                                "shared_patients")}  # fmt: skip
    return Layout(tables, fields)


def _cell(value: Any) -> Cell:
    return Cell(", ".join(value), parts=tuple(value)) if isinstance(value, list) else Cell(str(value or 0))


def _note(report: FoldReport) -> str:
    shared = sum(counts.n_shared_patients for counts in report.folds)
    unknown = sum(counts.test.n_unknown for counts in report.folds)
    told = (
        f"{counted(unknown, 'recording')} to test of unknown patients: one of theirs may be on both sides"
        if unknown
        else "every patient is known"
    )
    kept = f"{counted(shared, 'patient')} in more than one part"
    return f"{report.dataset}, split by {report.split_by}: {kept}; {told}."

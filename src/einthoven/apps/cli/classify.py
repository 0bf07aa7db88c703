"""`einthoven classify`: what recordings show."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.output import Cell, Format, FormatOption, Item, Layout, ResultsOption, emit
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, files_of, reader

if TYPE_CHECKING:
    from einthoven.inference.runtime import Model

ModelOption = Annotated[
    str, typer.Option("--model", "-m", help="Name of a shipped model, or the path of a bundle.")
]
EXIT_SOME_FAILED, EXIT_ALL_FAILED = 1, 2


def classify(
    sources: Annotated[list[Path], typer.Argument(metavar="FILE|FOLDER", show_default=False)],
    model: ModelOption = "rhythm",
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="Table (CSV: record,label) to show beside the answers; it names recordings by their path "
            "from its folder, or by name."
        ),
    ] = None,
    wanted: FormatOption = None,
    output: ResultsOption = None,
) -> None:
    """Say what recordings show, each with a probability, a reason and an honest "not sure".

    A folder stands for every recording in it. A recording that cannot be used becomes a row with the reason.
    Exit code 0: all fine; 1: some recordings failed; 2: nothing could be done.

    [bold]Examples[/bold]

    einthoven classify recording.hea

    einthoven classify folder/ --format json -o answers.jsonl

    einthoven classify export.csv --fs 250 --units uV --leads I
    """
    from einthoven.inference.runtime import load

    loaded = load(model)
    files, empty = files_of(sources)
    known = _read_truth(truth, files)
    tally = _Tally()
    read = reader(fs, units, leads)
    # Lines that scroll by are progress enough; a bar among them would garble both.
    is_streaming = output is None and wanted in (Format.JSON, Format.CSV) and sys.stdout.isatty()
    with progress("classifying", enabled=not is_streaming) as report:
        items = _answers(loaded, files, empty, read, report)
        emit(
            tally.count(items, known),
            answer_layout(loaded, with_truth=truth is not None),
            wanted,
            output,
            tally.notes,
        )
    tally.finish()


def _answers(
    model: Model, files: list[Path], empty: list[Path], read: Any, report: Any
) -> Iterator[dict[str, Any]]:
    from einthoven.inference.files import predict_files
    from einthoven.inference.prediction import Failure

    for folder in empty:
        yield Failure(folder.name, str(folder), "no recording in this folder").to_dict()
    for answer in predict_files(model, files, read, report):
        yield answer.to_dict()


class _Tally:
    """Counts answers as they pass, and adds the truth to them."""

    def __init__(self) -> None:
        self.n = self.n_failed = self.n_compared = self.n_right = 0
        self.last_error = ""
        self.notes: list[str] = []

    def count(
        self, items: Iterator[dict[str, Any]], truth: Mapping[str, str] | None
    ) -> Iterator[dict[str, Any]]:
        for item in items:
            self.n += 1
            if "error" in item:
                self.n_failed += 1
                self.last_error = f"{item['path']}: {item['error']}"
            if truth and item["path"] in truth:
                item["truth"] = truth[item["path"]]
                self.n_compared += 1
                self.n_right += item.get("labels", [])[:1] == [item["truth"]]
            yield item
        if self.n_compared:
            self.notes.append(f"{self.n_right} of {self.n_compared} answers agree with the truth")
        elif truth is not None:
            self.notes.append("the table of the truth names none of these recordings")

    def finish(self) -> None:
        """End with the exit code that fits, and say on stderr what failed."""
        from einthoven.apps.cli import fail, say_error

        if self.n == self.n_failed:
            fail(self.last_error if self.n == 1 else f"all {self.n} recordings failed")
        if self.n_failed:
            say_error(f"{self.n_failed} of {self.n} recordings failed")
            raise typer.Exit(EXIT_SOME_FAILED)


def _read_truth(table: Path | None, files: Sequence[Path]) -> dict[str, str] | None:
    if table is None:
        return None
    from einthoven.apps.cli.truth import read_truth

    return read_truth(table, files)


def answer_layout(model: Model, *, with_truth: bool = False) -> Layout:
    """Return how the answers of a model are shown."""
    meanings = {label.name: label.meaning for label in model.bundle.labels}

    def named(label: str) -> str:
        return f"{meanings[label]} ({label})" if label in meanings else label

    def answer(item: Item) -> Cell:
        if "error" in item:
            return Cell("failed", "red")
        words = " + ".join(named(label) for label in item["labels"]) or "none of the labels"
        return Cell(f"not sure: {words}?", "yellow") if item["abstained"] else Cell(words, "bold")

    def truth(item: Item) -> Cell:
        if "truth" not in item:
            return Cell("")
        is_right = item.get("labels", [])[:1] == [item["truth"]]
        return Cell(item["truth"] if is_right else f"{item['truth']} (!)", "" if is_right else "red")

    columns = {
        "record": lambda item: item["record"],
        "answer": answer,
        "prob.": lambda item: f"{item['probs'][item['labels'][0]]:.2f}" if item.get("labels") else "",
        "quality": lambda item: f"{item['quality']['score']:.2f}" if "quality" in item else "",
        "remarks": _remarks,
    }
    if with_truth:
        columns = {"record": columns.pop("record"), "truth": truth, **columns}
    return Layout(columns, _fields(model, with_truth))


def _remarks(item: Item) -> Cell:
    if "error" in item:
        return Cell(item["error"], "red")
    return Cell("; ".join([*filter(None, [item["abstain_reason"]]), *item["warnings"]]))


def _fields(model: Model, with_truth: bool) -> dict[str, Any]:
    def value_of(name: str) -> Any:
        return lambda item: item.get(name)

    def prob_of(label: str) -> Any:
        return lambda item: item.get("probs", {}).get(label)

    before = ("record", "path", "model", "model_version", "leads_used", "labels")
    after = ("abstained", "abstain_reason", "warnings", "error", *(("truth",) if with_truth else ()))
    return {
        **{name: value_of(name) for name in before},
        **{f"prob_{label}": prob_of(label) for label in model.labels},
        "quality": lambda item: item.get("quality", {}).get("score"),
        **{name: value_of(name) for name in after},
    }

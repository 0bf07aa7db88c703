"""`einthoven classify`: what recordings show."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.answers import answer_layout, is_right
from einthoven.apps.cli.output import (
    Format,
    FormatOption,
    ResultsOption,
    check_output,
    emit,
    format_of,
    say,
)
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, files_of, reader

if TYPE_CHECKING:
    from einthoven.inference.runtime import Model
    from einthoven.record import Record

ModelOption = Annotated[
    str, typer.Option("--model", "-m", help="Name of a shipped model, or the path of a bundle.")
]
EXIT_SOME_FAILED = 1
LISTED = 10
"""So many failures are named at the end."""


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

    check_output(wanted, output)
    loaded = load(model)
    files, failed = files_of(sources)
    tally = _Tally(_read_truth(truth, files))
    # Lines that scroll by are progress enough; a bar among them would garble both.
    is_streaming = output is None and wanted in (Format.JSON, Format.CSV) and sys.stdout.isatty()
    items = _answers(loaded, files, failed, _reader(fs, units, leads), fs, shows_progress=not is_streaming)
    emit(tally.count(items), answer_layout(loaded, with_truth=truth is not None), wanted, output, tally.notes)
    if format_of(wanted, output) is not Format.TABLE:
        for note in tally.notes:
            say(note)
    tally.finish()


def _reader(fs: float | None, units: str | None, leads: str | None) -> Callable[[Path], Record]:
    """Return the function that reads a file with these options, and says which of them went unused."""
    read = reader(fs, units, leads)

    def read_and_tell(path: Path) -> Record:
        record = read(path)
        # Nearly the same rate is let pass, another one is refused.
        if fs is None or record.fs == fs:
            return record
        used = f"--fs {fs:g} was given, but the file states {record.fs:g} Hz, which was used"
        return replace(record, warnings=(*record.warnings, used))

    return read_and_tell


def _answers(
    model: Model,
    files: Sequence[Path],
    failed: Sequence[tuple[Path, str]],
    read: Callable[[Path], Record],
    fs: float | None,
    *,
    shows_progress: bool,
) -> Iterator[dict[str, Any]]:
    from einthoven.inference.files import predict_files
    from einthoven.inference.prediction import Failure

    for path, reason in failed:
        yield Failure(path.name, str(path), reason).to_dict()
    # Opened here so that the bar is gone before a table is printed.
    with progress("classifying", enabled=shows_progress) as report:
        for answer in predict_files(model, files, read, report, fs=fs):
            yield answer.to_dict()


class _Tally:
    """Counts answers as they pass, and adds the truth to them."""

    def __init__(self, truth: Mapping[str, str] | None) -> None:
        self._truth = truth
        self._errors: list[str] = []
        self._n = self._n_failed = self._n_compared = self._n_right = 0
        self.notes: list[str] = []

    def count(self, items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Pass answers on; when all have passed, `notes` says how many agree with the truth."""
        for item in items:
            self._n += 1
            if "error" in item:
                self._n_failed += 1
                # Of a million only those that will be named are kept.
                if self._n_failed <= LISTED:
                    self._errors.append(f"{item['path']}: {item['error']}")
            if self._truth and item["path"] in self._truth:
                item["truth"] = self._truth[item["path"]]
                self._n_compared += 1
                self._n_right += is_right(item)
            yield item
        if self._n_compared:
            self.notes.append(f"{self._n_right} of {self._n_compared} answers agree with the truth")
        elif self._truth is not None:
            self.notes.append("the table of the truth names none of these recordings")

    def finish(self) -> None:
        """End with the exit code that fits, and say on stderr what failed."""
        from einthoven.apps.cli import EXIT_FAILED, say_error

        if not self._n_failed:
            return
        n_more = self._n_failed - len(self._errors)
        more = [f"and {n_more} more; see the rows marked failed"] if n_more else []
        is_all = self._n == self._n_failed
        share = f"all {self._n}" if is_all else f"{self._n_failed} of {self._n}"
        if self._n == 1:
            say_error(self._errors[0])
        elif self._n_failed == 1:
            say_error(f"{share} recordings failed: {self._errors[0]}")
        else:
            say_error(f"{share} recordings failed:", *self._errors, *more)
        raise typer.Exit(EXIT_FAILED if is_all else EXIT_SOME_FAILED)


def _read_truth(table: Path | None, files: Sequence[Path]) -> dict[str, str] | None:
    if table is None:
        return None
    from einthoven.apps.cli.truth import read_truth

    return read_truth(table, files)

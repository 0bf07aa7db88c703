"""`einthoven classify`: what recordings show."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.apps.cli.answers import answer_layout
from einthoven.apps.cli.asked import ModelOption, choice_of
from einthoven.apps.cli.challenge_outputs import (
    AnswerFormat,
    AnswerFormatOption,
    AnswersOption,
    answering,
    check_answers_output,
    write_answers,
)
from einthoven.apps.cli.output import Format, emit, format_of, say
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import (
    FsOption,
    LeadsOption,
    LimitOption,
    StrictOption,
    UnitsOption,
    files_of,
    reader,
)
from einthoven.apps.cli.tally import Tally

if TYPE_CHECKING:
    from einthoven.apps.cli.agreement import Truth
    from einthoven.bundle.outline import Outline
    from einthoven.inference.choice import ModelChoice
    from einthoven.record import Record


def classify(
    sources: Annotated[list[Path], typer.Argument(metavar="FILE|FOLDER", show_default=False)],
    model: ModelOption = None,
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    is_strict: StrictOption = False,
    limits: LimitOption = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="Table (CSV: record,label, or record,labels with ; between several) to show beside the "
            "answers; it names recordings by their path from its folder, or by name."
        ),
    ] = None,
    wanted: AnswerFormatOption = None,
    output: AnswersOption = None,
) -> None:
    """Say what recordings show, each with a probability, a reason and an honest "not sure".

    A folder stands for every recording in it. A recording that cannot be used becomes a row with the reason.
    Exit code 0: all fine; 1: some recordings failed; 2: nothing could be done.

    [bold]Examples[/bold]

    einthoven classify recording.hea

    einthoven classify folder/ --format json -o answers.jsonl

    einthoven classify export.csv --fs 250 --units uV --leads I

    einthoven classify validation/ --format cinc2017 -o answers.txt

    einthoven classify folder/ --format cinc2020 -o outputs/
    """
    check_answers_output(wanted, output)
    choice = answering(choice_of(model), wanted)
    files, failed = files_of(sources)
    is_plain = wanted is None or wanted.plain is not None
    known = _read_truth(truth, files)
    tally = Tally(known, choice.outlines, others=_others, has_rows=is_plain)
    # Lines that scroll by are progress enough; a bar among them would garble both.
    is_streaming = output is None and wanted not in (None, AnswerFormat.TABLE) and sys.stdout.isatty()
    items = _answers(
        choice,
        files,
        failed,
        _reader(fs, units, leads, is_strict, limits),
        fs,
        shows_progress=not is_streaming,
    )
    if wanted is not None and wanted.plain is None:
        write_answers(tally.count(items), choice.outlines, files, wanted, output)
    else:
        plain = wanted.plain if wanted else None
        layout = answer_layout(choice.outlines, known)
        emit(tally.count(items), layout, plain, output, tally.notes)
    if not is_plain or format_of(wanted.plain if wanted else None, output) is not Format.TABLE:
        for note in tally.notes:
            say(note)
    tally.finish()


def _reader(
    fs: float | None, units: str | None, leads: str | None, is_strict: bool, limits: Sequence[str] | None
) -> Callable[[Path], Record]:
    """Return the function that reads a file with these options, and says which of them went unused."""
    read = reader(fs, units, leads, is_strict=is_strict, limits=limits)

    def read_and_tell(path: Path) -> Record:
        record = read(path)
        # Nearly the same rate is let pass, another one is refused.
        if fs is None or record.fs == fs:
            return record
        used = f"--fs {fs:g} was given, but the file states {record.fs:g} Hz, which was used"
        return replace(record, warnings=(*record.warnings, used))

    return read_and_tell


def _answers(
    choice: ModelChoice,
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
        for answer in predict_files(choice, files, read, report, fs=fs):
            yield answer.to_dict()


def _read_truth(table: Path | None, files: Sequence[Path]) -> Truth | None:
    if table is None:
        return None
    from einthoven.apps.cli.truth import read_truth

    return read_truth(table, files)


def _others() -> list[Outline]:
    """Return the models of whole recordings that could be asked instead."""
    from einthoven.inference.shipped import shipped_outlines

    return [outline for outline in shipped_outlines() if not outline.is_of_beats]

"""Answers in the forms that entries of PhysioNet's challenges have.

Sources: Clifford et al. 2017 (CinC), doi:10.22489/CinC.2017.065-469: `answers.txt`, a line `A00001,N` for
each recording. Perez Alday et al. 2020, Physiological Measurement 41(12), 124003,
doi:10.1088/1361-6579/abc960: a file RECORD.csv for each recording, of four lines: `#RECORD`, SNOMED CT codes,
0 or 1 for each, a score for each.
Differences: what could not be used has no answer; the 2020 challenge's own scorer then refuses the folder.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from einthoven.apps.cli import STDOUT
from einthoven.apps.cli.output import Format, Item, check_output, if_interrupted, naming, say, say_wrote
from einthoven.apps.text import counted
from einthoven.atomic import write_atomically, written_atomically
from einthoven.errors import ECGError, SettingsError

if TYPE_CHECKING:
    from einthoven.bundle.outline import Outline
    from einthoven.inference.choice import ModelChoice

LABELS_2017 = ("N", "A", "O", "~")
"""The four answers of the 2017 challenge."""


class AnswerFormat(StrEnum):
    """How answers are printed: as all results, or as entries of a challenge."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    CINC2017 = "cinc2017"
    CINC2020 = "cinc2020"

    @property
    def plain(self) -> Format | None:
        """The same among the formats of all commands; None for that of a challenge."""
        return Format(self.value) if self.value in {item.value for item in Format} else None


AnswerFormatOption = Annotated[
    AnswerFormat | None,
    typer.Option(
        "--format",
        help="How answers are printed; JSON is one object a line, in a .json file an array. cinc2017: a line "
        "RECORD,LABEL for each, as that challenge's answers.txt; cinc2020: a file RECORD.csv for each, as "
        "that challenge's outputs, in the folder -o.",
    ),
]
AnswersOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="File to write the answers to, whole or not at all; .json, .jsonl, .csv, .txt or .md picks the "
        "format. With --format cinc2020 a folder.",
    ),
]


def check_answers_output(wanted: AnswerFormat | None, output: Path | None) -> None:
    """Refuse a file, or a folder, that answers could not be written to, before any work is done.

    Raises SettingsError and OSError as `check_output`, and if a folder is needed and none is given.
    """
    if wanted is not AnswerFormat.CINC2020:
        # Where the format is given any ending will do.
        plain = None if wanted is None else wanted.plain or Format.TABLE
        check_output(plain, output)
    elif output is None:
        raise SettingsError(
            "--format cinc2020: expected -o FOLDER, where each recording gets a file, found none"
        )
    elif output.exists() and not output.is_dir():
        raise NotADirectoryError(20, "expected a folder, found a file", str(output))
    else:
        check_output(Format.CSV, output / "RECORD.csv")


def answering(choice: ModelChoice, wanted: AnswerFormat | None) -> ModelChoice:
    """Return the choice among those models that have something to say in a format.

    Raises SettingsError if there is none.
    """
    if wanted is AnswerFormat.CINC2017:
        found = choice.only(lambda outline: _names(outline) == set(LABELS_2017))
        expected = f"a model of the labels {', '.join(LABELS_2017)}"
    elif wanted is AnswerFormat.CINC2020:
        found = choice.only(lambda outline: bool(scored_codes(outline)))
        expected = "a model of labels with SNOMED CT codes that the challenge scores"
    else:
        return choice
    if found is None:
        others = "; ".join(f"{outline.name} ({', '.join(label.name for label in outline.labels)})"
                           for outline in choice.outlines)  # fmt: skip
        raise SettingsError(f"--format {wanted}: expected {expected}, found {others}")
    return found


def scored_codes(outline: Outline) -> dict[str, tuple[str, ...]]:
    """Return the labels of a model that the 2020 challenge scores, each with all codes that stand for it.

    Of three classes two codes are scored as one: the challenge's scorer takes the mean of their scores and
    any of their outputs, but which of the codes then stands for the class depends on what else is there. A
    class therefore has all its codes, with the same output and score. A label of a code in `SYNONYMS` stands
    for the class that it means, unless another label does.

    >>> from einthoven.bundle import InputSpec, Label
    >>> from einthoven.bundle.outline import Outline
    >>> labels = (Label("PAC", "premature atrial contraction", "284470004"), Label("MI", "infarction"))
    >>> scored_codes(Outline("m", labels, InputSpec(100.0, ("I",), 5.0, 60.0), None, None, False))
    {'PAC': ('284470004', '63593006')}
    """
    from einthoven.metrics.cinc2020 import SCORED_CLASSES, SYNONYMS

    codes_of = {code: scored.codes for scored in SCORED_CLASSES for code in scored.codes}
    own = {label.snomed for label in outline.labels}
    codes_of |= {
        code: scored.codes
        for code, name in SYNONYMS.items()
        for scored in SCORED_CLASSES
        if name in scored.abbreviations and not own.intersection(scored.codes)
    }
    return {
        label.name: tuple(c for c in codes_of[label.snomed] if c == label.snomed or c not in own)
        for label in outline.labels
        if label.snomed in codes_of
    }


def entry_2020(item: Item, codes: Mapping[str, Sequence[str]]) -> str:
    """Return the four lines of a recording's file.

    A class has 1 where the answer gives it, and nowhere else. For no class the challenge gives nothing: a
    model whose thresholds are made for it gives each recording one.

    Parameters
    ----------
    item : the answer, as `Prediction.to_dict` gives it
    codes : as `scored_codes` gives them, of the model that answered
    """
    given = {label for label in item["labels"] if label in codes}
    columns = [(code, label) for label, several in codes.items() for code in several]
    lines = (
        [code for code, _ in columns],
        [str(int(label in given)) for _, label in columns],
        [f"{item['probs'][label]:.6f}" for _, label in columns],
    )
    return "\n".join([f"#{item['record']}", *map(",".join, lines), ""])


def write_answers(
    items: Iterable[Item],
    outlines: Sequence[Outline],
    files: Iterable[Path],
    wanted: AnswerFormat,
    output: Path | None,
) -> None:
    """Write what a challenge wants of each answer as it comes, and say how many are "not sure".

    Parameters
    ----------
    items : the answers, and the failures, which are passed over
    outlines : of the models that may answer
    files : that are classified, by whose names recordings are told apart
    wanted : the challenge's format
    output : the file, or the folder

    Raises
    ------
    SettingsError if two of the files have the same name. OSError if something cannot be written.
    """
    _check_names(files)
    done = _Done(items)
    with if_interrupted(lambda: f"{counted(done.n, 'recording')} done"):
        if wanted is AnswerFormat.CINC2020 and output is not None:
            codes = {outline.name: scored_codes(outline) for outline in outlines}
            for item in done:
                content = entry_2020(item, codes[item["model"]])
                write_atomically(output / f"{item['record']}.csv", content.encode("utf-8", "surrogateescape"))
        else:
            _write_2017(done, output)
    if output is not None:
        say_wrote(output, counted(done.n, "recording"))
    if done.n_unsure:
        say(f"\"not sure\" of {counted(done.n_unsure, 'recording')}: what it holds is written all the same, "
            "as a challenge wants one of each")  # fmt: skip


class _Done:
    """Passes answers on, without failures, and counts them."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = items
        self.n = self.n_unsure = 0

    def __iter__(self) -> Iterator[Item]:
        for item in self._items:
            if "error" not in item:
                yield item
                self.n += 1
                self.n_unsure += item["abstained"]


def _write_2017(items: Iterable[Item], output: Path | None) -> None:
    if output is None:
        with naming(STDOUT):
            _write_lines(items, sys.stdout, sys.stdout.flush)
        return
    with (
        naming(output),
        written_atomically(output) as partial,
        partial.open("w", encoding="utf-8", newline="", errors="surrogateescape") as stream,
    ):
        _write_lines(items, stream)


def _write_lines(items: Iterable[Item], stream: IO[str], after: Callable[[], None] = lambda: None) -> None:
    for item in items:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow((item["record"], item["labels"][0]))
        stream.write(line.getvalue())
        after()


def _names(outline: Outline) -> set[str]:
    return set() if outline.is_multi_label else {label.name for label in outline.labels}


def _check_names(files: Iterable[Path]) -> None:
    """Refuse recordings that the challenge's names would not tell apart."""
    from einthoven.formats.sniff import header_of

    found: dict[str, Path] = {}
    for path in files:
        try:
            name = (header_of(path) or path).stem
        except ECGError:
            # Reading it will say what is wrong.
            continue
        if name in found:
            raise SettingsError(f"expected recordings of different names, found {found[name]} and {path}")
        found[name] = path

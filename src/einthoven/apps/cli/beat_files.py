"""Files that beats are written to: WFDB annotations, CSV or JSON; and which may not be replaced."""

from __future__ import annotations

import csv
import json
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING

from einthoven.apps.beat_words import doubt_words
from einthoven.apps.cli.output import check_output, naming, say_wrote
from einthoven.apps.text import counted
from einthoven.atomic import written_atomically
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.inference.beat_report import BeatReport

_NOTE, _MOST_LETTERS = '"', 255
"""The WFDB symbol of a comment, and how long one may be."""
COLUMNS = ("sample", "time_s", "label", "probability", "sure")


def write_csv(report: BeatReport, stream: IO[str]) -> None:
    """Write a line for each beat: sample, time, label, its probability, and whether the model is sure."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    beats = report.beats
    rows = zip(beats.rpeaks.tolist(), beats.labels, report.probs.tolist(), beats.sure.tolist(), strict=True)
    for sample, label, prob, is_sure in rows:
        writer.writerow((sample, f"{sample / beats.fs:.4f}", label, f"{prob:.4f}", str(is_sure).lower()))


def write_json(report: BeatReport, stream: IO[str]) -> None:
    """Write the one object that `beats.schema.json` describes, on one line."""
    stream.write(json.dumps(report.to_dict(), allow_nan=False) + "\n")


def _write_text(report: BeatReport, path: Path, write: Callable[[BeatReport, IO[str]], None]) -> None:
    with (
        written_atomically(path) as partial,
        partial.open("w", encoding="utf-8", newline="", errors="backslashreplace") as stream,
    ):
        write(report, stream)


def _write_atr(report: BeatReport, path: Path) -> None:
    import numpy as np

    from einthoven.formats.annotations import write_annotations
    from einthoven.record import Annotation

    beats, remarks = report.beats, _remarks(report)
    samples = np.concatenate([np.arange(len(remarks)), beats.rpeaks])
    order = np.argsort(samples, kind="stable").tolist()
    # The letters of the AAMI classes are WFDB mnemonics, of the same meaning.
    symbols = [*(_NOTE for _ in remarks), *beats.labels]
    notes = [*remarks, *("" for _ in beats.labels)]
    marks = Annotation(samples[order], tuple(symbols[i] for i in order), tuple(notes[i] for i in order))
    write_annotations(marks, beats.fs, path)


def _remarks(report: BeatReport) -> tuple[str, ...]:
    """Return what a file of nothing but symbols must say of itself, each short enough for a note.

    What made it comes first, at sample 0: `wfdb.rdann` takes notes there for definitions and leaves them out.
    What is not to be believed comes second, at sample 1, where it shows them.
    """
    model = f"einthoven {report.beats.model} {report.beats.model_version}"
    made = f"{model}: AAMI classes of heartbeats; research software, not a medical device"
    doubt = doubt_words(report)
    remarks = (made, f"{model}: {doubt}") if doubt else (made,)
    # A lead may have any name; other programs expect plain letters.
    plain = (text.encode("ascii", "backslashreplace").decode() for text in remarks)
    return tuple(textwrap.shorten(text, _MOST_LETTERS, placeholder=" ...") for text in plain)


WRITERS: Mapping[str, Callable[[BeatReport, Path], None]] = MappingProxyType(
    {
        ".atr": _write_atr,
        ".csv": lambda report, path: _write_text(report, path, write_csv),
        ".json": lambda report, path: _write_text(report, path, write_json),
    }
)
"""What writes a file of each ending."""


def check_target(path: Path, source: Path, *, is_forced: bool) -> None:
    """Refuse a file that beats cannot, or must not, be written to, before any work is done.

    Raises SettingsError if the ending is another, if the file is the recording itself, or, unless forced, if
    it holds the annotations of a recording; OSError as `check_output`.
    """
    from einthoven.formats.annotations import refuse_reference

    if path.suffix.lower() not in WRITERS:
        raise SettingsError(f"{path}: expected an ending among {', '.join(WRITERS)}, found "
                            f"{path.suffix or 'none'} (pictures: --picture)")  # fmt: skip
    check_output(None, path.with_suffix(".csv"))
    if path.exists() and source.exists() and path.samefile(source):
        raise SettingsError(f"{path}: expected another file than the recording, found the recording itself")
    if path.suffix.lower() == ".atr" and not is_forced:
        refuse_reference(path)


def write_beats(report: BeatReport, path: Path) -> None:
    """Write the beats in the format of the file's ending, whole or not at all, and say so on stderr.

    Raises OSError if the file cannot be written.
    """
    with naming(path):
        WRITERS[path.suffix.lower()](report, path)
    say_wrote(path, counted(len(report.beats.labels), "beat"))

"""`einthoven info`: what is in a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from einthoven.apps.cli.output import Format, FormatOption, ResultsOption, emit, format_of, plain_layout
from einthoven.apps.cli.reading import (
    FsOption,
    LeadsOption,
    LimitOption,
    StrictOption,
    UnitsOption,
    files_of,
    reader,
)
from einthoven.apps.cli.tally import EXIT_SOME_FAILED
from einthoven.duration import format_duration
from einthoven.errors import ECGError

if TYPE_CHECKING:
    from einthoven.record import Record

_COLUMNS = ("record", "format", "leads", "fs", "duration_s", "annotations", "warnings", "error")


def info(
    sources: Annotated[list[Path], typer.Argument(metavar="FILE|FOLDER", show_default=False)],
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    is_strict: StrictOption = False,
    limits: LimitOption = None,
    wanted: FormatOption = None,
    output: ResultsOption = None,
) -> None:
    """Say what is in files: format, leads, rate, length, amplitudes, marks, patient, device, doubts.

    One file is described in words, several in a table. No model is asked.

    [bold]Examples[/bold]

    einthoven info ecg.xml

    einthoven info hospital/ --format json -o contents.jsonl
    """
    read = reader(fs, units, leads, is_strict=is_strict, limits=limits)
    files, failed = files_of(sources)
    items = [{"record": path.name, "path": str(path), "error": reason} for path, reason in failed]
    if len(files) == 1 and not failed and format_of(wanted, output) is Format.TABLE and output is None:
        # A single file that cannot be read is an error, and not a row.
        for line in _words(_description(files[0], read(files[0]))):
            typer.echo(line)
        return
    items += [_described(path, read) for path in files]
    emit(items, plain_layout(_COLUMNS, "file"), wanted, output)
    if any("error" in item for item in items):
        raise typer.Exit(EXIT_SOME_FAILED)


def _described(path: Path, read: Any) -> dict[str, Any]:
    try:
        return _description(path, read(path))
    except (ECGError, OSError) as error:
        return {"record": path.name, "path": str(path), "error": str(error)}


def _description(path: Path, record: Record) -> dict[str, Any]:
    """Return all there is to say, for JSON."""
    from einthoven.inference.lead_doubts import record_lead_doubts

    beat, marks = record.representative_beat, record.annotations
    return {
        "record": record.name,
        "path": str(path),
        "format": record.source_format,
        "leads": list(record.leads),
        "fs": record.fs,
        "n_samples": record.n_samples,
        "duration_s": record.duration_s,
        "amplitude_mv": {lead: _range(row) for lead, row in zip(record.leads, record.signal, strict=True)},
        "missing_share": {
            lead: float(np.isnan(row).mean())
            for lead, row in zip(record.leads, record.signal, strict=True)
            if np.isnan(row).any()
        },
        "annotations": dict(Counter(marks.symbols).most_common()) if marks is not None else {},
        "representative_beat": None
        if beat is None
        else {"leads": list(beat.leads), "fs": beat.fs, "duration_s": beat.duration_s},
        "patient": dict(record.patient),
        "recording": dict(record.recording),
        "statements": list(record.statements),
        "comments": list(record.comments),
        "warnings": [*record.warnings, *record_lead_doubts(record)],
    }


def _range(row: np.ndarray[Any, np.dtype[np.float32]]) -> list[float] | None:
    there = row[~np.isnan(row)]
    return [round(float(there.min()), 4), round(float(there.max()), 4)] if there.size else None


def _words(facts: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that describe one recording."""
    yield f"{facts['path']}: {facts['format']}"
    length = f"{format_duration(facts['duration_s'])}, {facts['n_samples']} samples at {facts['fs']:g} Hz"
    yield _line("length", length)
    yield _line(f"{len(facts['leads'])} leads", ", ".join(facts["leads"]))
    ranges = [f"{lead} {span[0]:g} to {span[1]:g}" for lead, span in facts["amplitude_mv"].items() if span]
    yield from _folded("amplitudes, mV", ranges)
    missing = [f"{lead} {share:.1%}" for lead, share in facts["missing_share"].items()]
    yield from _folded("missing", missing)
    yield from _folded("annotations", [f"{n} {symbol}" for symbol, n in facts["annotations"].items()])
    if beat := facts["representative_beat"]:
        length = f"{len(beat['leads'])} leads, {beat['duration_s']:.2f} s at {beat['fs']:g} Hz"
        yield _line("representative beat", length)
    for group in ("patient", "recording"):
        for key, value in facts[group].items():
            yield _line(key.replace("_", " "), value)
    for group in ("statements", "comments", "warnings"):
        for line in facts[group]:
            yield _line(group.removesuffix("s"), line)


def _line(what: str, text: str) -> str:
    return f"  {what:<20} {' '.join(text.split())}"


def _folded(what: str, parts: Sequence[str], n_in_line: int = 4) -> Iterator[str]:
    for start in range(0, len(parts), n_in_line):
        yield _line("" if start else what, ", ".join(parts[start : start + n_in_line]))

"""What the annotations of a file say of its samples: beats, notes, missing pieces, facts, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError
from einthoven.formats.edf.annotations import Tal
from einthoven.formats.fact_lines import COMMENT, Facts, fact_lines, read_facts
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import Annotation, Record

NOTE = '"'
MNEMONICS = frozenset(SYMBOLS.values())
RECORDING_ENDS = "Recording ends"
"""One of the standard texts of EDF+; what follows it in the last data record is no recording."""
MISSING = "missing: "
"""Before the names of leads whose samples are missing for the duration of the annotation."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What was found.

    missing : lead, first sample and the one after the last
    """

    annotations: Annotation | None
    missing: tuple[tuple[str, int, int], ...]
    facts: Facts
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be written at a sample.

    n_samples : how long it lasts, or None
    """

    sample: int
    texts: tuple[str, ...]
    n_samples: int | None = None


@dataclass(slots=True)
class _Collected:
    marks: list[tuple[int, str, str]] = field(default_factory=list)
    missing: list[tuple[str, int, int]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def end_of_recording(tals: Sequence[Tal], start_s: float, fs: float, n_samples: int, last: int) -> int:
    """Return how many samples are of the recording: `Recording ends` in the last data record cuts it.

    last : where the last data record begins, in samples
    """
    ends = [round((tal.onset_s - start_s) * fs) for tal in tals if RECORDING_ENDS in tal.texts]
    return min((end for end in ends if last < end < n_samples), default=n_samples)


def read_marks(tals: Sequence[Tal], start_s: float, fs: float, n_samples: int, leads: Sequence[str]) -> Marks:
    """Turn annotation lists into marks at samples.

    A text that is a WFDB mnemonic becomes that symbol, unless it lasts; two texts at the same onset, of which
    the first is one, become a symbol with a note; every other text becomes the note of a `"`, with its
    duration. Facts of patient and recording are read from lines such as `Age: 60` at the first sample.
    """
    found = _Collected()
    n_outside = 0
    for tal in tals:
        sample = round((tal.onset_s - start_s) * fs)
        if tal.texts == (RECORDING_ENDS,) and sample >= n_samples:
            continue
        if not 0 <= sample < n_samples:
            n_outside += 1
            continue
        _collect(tal, sample, max(0, round(tal.duration_s * fs)), leads, found)
    facts = read_facts(found.lines)
    found.marks.sort(key=lambda mark: mark[0])
    warnings = (f"{n_outside} annotations lie before the first sample or past the last: left out",)
    return Marks(_annotation(found.marks), tuple(found.missing), facts, warnings if n_outside else ())


def texts_of(annotations: Annotation | None, n_samples: int) -> list[Text]:
    """Return what `read_marks` reads as these annotations.

    Raises RecordError if one lies outside the recording.
    """
    if annotations is None:
        return []
    outside = (annotations.samples < 0) | (annotations.samples >= n_samples)
    if outside.any():
        raise RecordError(f"expected annotations within {n_samples} samples, "
                          f"found one at sample {int(annotations.samples[outside][0])}")  # fmt: skip
    notes = annotations.notes or ("",) * len(annotations.symbols)
    marks = zip(annotations.samples.tolist(), annotations.symbols, notes, strict=True)
    return [Text(sample, _texts(symbol, note)) for sample, symbol, note in marks]


def _texts(symbol: str, note: str) -> tuple[str, ...]:
    if not note:
        return (symbol,)
    is_plain = note not in MNEMONICS and note != RECORDING_ENDS and not _is_fact(note)
    return (note,) if symbol == NOTE and is_plain else (symbol, note)


def texts_of_gaps(missing: NDArray[np.bool_], leads: Sequence[str]) -> list[Text]:
    """Return what `read_marks` reads as these missing samples, (n_leads, n_samples)."""
    gaps: dict[tuple[int, int], list[str]] = {}
    for lead, row in zip(leads, missing, strict=True):
        edges = np.flatnonzero(np.diff(row, prepend=False, append=False)).reshape(-1, 2).tolist()
        for start, end in edges:
            gaps.setdefault((start, end), []).append(lead)
    return [Text(start, (MISSING + ", ".join(names),), end - start) for (start, end), names in gaps.items()]


def fact_texts(record: Record) -> list[Text]:
    """Return what `read_marks` reads as the facts, statements and comments of a record."""
    lines = fact_lines(replace(record, comments=()))
    comments = (
        f"{COMMENT}: {line}" for text in record.comments for line in text.splitlines() if line.strip()
    )
    return [Text(0, (line,)) for line in (*lines, *comments)]


def _collect(tal: Tal, sample: int, length: int, leads: Sequence[str], found: _Collected) -> None:
    if len(tal.texts) == 2 and tal.texts[0] in MNEMONICS and not tal.duration_s:
        found.marks.append((sample, *tal.texts))
        return
    for text in tal.texts:
        names = text.removeprefix(MISSING).split(", ")
        if text.startswith(MISSING) and length and set(names) <= set(leads):
            found.missing += [(name, sample, sample + length) for name in names]
        elif sample == 0 and not tal.duration_s and _is_fact(text):
            found.lines.append(text)
        elif text in MNEMONICS and not tal.duration_s:
            found.marks.append((sample, text, ""))
        else:
            found.marks.append((sample, NOTE, f"{text} ({tal.duration_s:g} s)" if tal.duration_s else text))


def _is_fact(text: str) -> bool:
    return text.startswith(COMMENT) or not read_facts([text]).comments


def _annotation(marks: list[tuple[int, str, str]]) -> Annotation | None:
    if not marks:
        return None
    samples, symbols, notes = zip(*marks, strict=True)
    return Annotation(np.array(samples, np.int64), symbols, notes if any(notes) else ())

"""WFDB annotation files (`.atr`) in MIT format: bytes to `Annotation` and back.

Source: WFDB Applications Guide, annot(5), https://physionet.org/physiotools/wag/annot-5.htm; codes from
ecgcodes.h. Subtype, channel and number of an annotation are read over: `Annotation` has no place for them.
"""

from __future__ import annotations

import re

import numpy as np

from einthoven.errors import FormatError, RecordError
from einthoven.record import Annotation

SYMBOLS = dict(
    zip(
        (*range(1, 15), 16, *range(18, 42)),
        (*"NLRaVFJASEj/Q~", "|", *'sT*D"=pB^t+u?![]en@xf()r'),
        strict=True,
    )
)
"""Annotation code to mnemonic."""

MAX_NOTE = 255
"""Bytes of a note."""

_CODES = {symbol: code for code, symbol in SYMBOLS.items()}
_NOTE, _SKIP, _NUM, _SUB, _CHN, _AUX = 22, 59, 60, 61, 62, 63
_MAX_STEP = 1023
_MAX_SKIP = 2**31 - 1
_FARTHEST = 2.0**62
_RESOLUTION = re.compile(r"## time resolution: (\d+\.?\d*)")
_DEFINITION = re.compile(r"(\d+) (\S+)")

_Mark = tuple[int, int, str]


def decode_annotations(data: bytes, fs: float, where: str, frame_fs: float | None = None) -> Annotation:
    """Read an annotation file.

    fs : sampling rate of the signal that the marks shall point into, Hz
    frame_fs : rate that the file counts in, Hz, if it states no time resolution of its own; default `fs`

    Raises FormatError if the file ends within an annotation, or states a time resolution that cannot be.
    """
    kept: list[_Mark] = []
    symbols = dict(SYMBOLS)
    resolution = frame_fs or fs
    defining = False
    for mark in _decode_marks(data, where):
        sample, code, note = mark
        if sample != 0 or code != _NOTE or not (defining or note.startswith("## ")):
            kept.append(mark)
        elif stated := _RESOLUTION.match(note):
            resolution = float(stated[1]) or resolution
        elif note.startswith("## "):
            defining = note == "## annotation type definitions"
        elif definition := _DEFINITION.match(note):
            symbols[int(definition[1])] = definition[2]
    samples = np.array([sample for sample, _, _ in kept], np.int64)
    if resolution != fs:
        places = np.rint(samples * (fs / resolution))
        if np.abs(places).max(initial=0.0) >= _FARTHEST:
            raise FormatError(f"{where}: expected annotations within the recording, found one at sample "
                              f"{places.max():g}, as the time resolution is {resolution:g} Hz")  # fmt: skip
        samples = places.astype(np.int64)
    return Annotation(
        samples=samples,
        symbols=tuple(symbols.get(code, str(code)) for _, code, _ in kept),
        notes=tuple(note for _, _, note in kept) if any(note for _, _, note in kept) else (),
    )


def encode_annotations(annotation: Annotation, fs: float | None = None) -> bytes:
    """Write an annotation file.

    fs : rate that the samples count in, Hz, which the file then states; if not given, whoever reads it takes
        that of the header beside it

    Raises RecordError if marks are before the first sample or out of order, if a symbol is no WFDB mnemonic,
    or if a note is longer than 255 bytes.
    """
    unknown = sorted(set(annotation.symbols) - _CODES.keys())
    if unknown:
        raise RecordError(
            f"expected WFDB mnemonics as annotation symbols, found {', '.join(map(repr, unknown))}"
        )
    steps = np.diff(annotation.samples, prepend=0)
    if (steps < 0).any():
        raise RecordError(
            "expected annotations in the order of their samples, found one before its predecessor"
        )
    parts = [] if fs is None else [_words(_NOTE << 10) + _encode_note(f"## time resolution: {_rate(fs)}")]
    notes = annotation.notes or ("",) * len(annotation.symbols)
    for step, symbol, note in zip(steps.tolist(), annotation.symbols, notes, strict=True):
        while step > _MAX_STEP:
            skip = min(step, _MAX_SKIP)
            parts.append(_words(_SKIP << 10, skip >> 16, skip & 0xFFFF))
            step -= skip
        parts.append(_words(_CODES[symbol] << 10 | step))
        if note:
            parts.append(_encode_note(note))
    return b"".join((*parts, _words(0)))


def _decode_marks(data: bytes, where: str) -> list[_Mark]:
    words = np.frombuffer(data[: len(data) // 2 * 2], "<u2").tolist()
    marks: list[_Mark] = []
    sample = position = 0
    while position < len(words) and words[position] != 0:
        code, low = words[position] >> 10, words[position] & _MAX_STEP
        position += 1
        if code == _SKIP and position + 2 <= len(words):
            skip = words[position] << 16 | words[position + 1]
            sample += skip - (skip >> 31 << 32)
            position += 2
        elif code == _AUX:
            if marks:
                marks[-1] = (*marks[-1][:2], _decode_note(data[2 * position : 2 * position + low]))
            position += (low + 1) // 2
        elif code not in (_NUM, _SUB, _CHN):
            sample += low
            marks.append((sample, code, ""))
    if position >= len(words):
        raise FormatError(
            f"{where}: expected an end mark after the last annotation, found the end of the file"
        )
    return [mark for mark in marks if mark[1] != 0]


def _decode_note(data: bytes) -> str:
    # Many annotators count C's closing zero as part of the text.
    data = data.rstrip(b"\0")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _encode_note(note: str) -> bytes:
    data = note.encode("utf-8")
    if len(data) > MAX_NOTE:
        raise RecordError(
            f"expected notes of at most {MAX_NOTE} bytes, found one of {len(data)}: {note[:40]!r}..."
        )
    return _words(_AUX << 10 | len(data)) + data + b"\0" * (len(data) % 2)


def _rate(fs: float) -> str:
    """Return a rate in digits, as wfdb writes it: without a point where it is whole, never as 1e3."""
    return f"{fs:.0f}" if fs == round(fs) else f"{fs:.10f}".rstrip("0")


def _words(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()

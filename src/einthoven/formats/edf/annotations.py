"""Time-stamped annotation lists (TALs) of EDF+ and BDF+: EDF+, section 2.2."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.edf.header import Header

MOST_TEXTS = 2**21

_TIMING = re.compile(rb"([+-]\d{1,15}(?:\.\d*)?)(?:\x15(\d{1,15}(?:\.\d*)?))?")
_KEEPING = re.compile(rb"([+-]\d{1,15}(?:\.\d*)?)\x14\x14\0*")
"""What most data records hold: only the list that keeps the time."""
_END_OF_TEXT = b"\x14"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NANOSECOND = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Tal:
    """One list.

    onset_s : from the start date and time of the header
    duration_s : 0 where none is stated
    texts : all at this onset
    """

    onset_s: float
    duration_s: float
    texts: tuple[str, ...]

    def without_empty(self) -> Tal:
        """Return the list without texts that say nothing, such as the one that keeps the time."""
        return self if all(self.texts) else replace(self, texts=tuple(filter(None, self.texts)))


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the annotation signals say.

    onsets_s : (n_records,) float64, where each data record begins; NaN where nothing says so
    tals : lists with at least one text, in the file's order
    n_damaged : lists that could not be read
    """

    onsets_s: NDArray[np.float64]
    tals: tuple[Tal, ...]
    n_damaged: int

    @property
    def start_s(self) -> float:
        """Where the first data record begins."""
        first = self.onsets_s[0]
        return 0.0 if np.isnan(first) else float(first)


def read_timeline(data: bytes, header: Header, where: str) -> Timeline:
    """Read every annotation signal; the first list of the first one in each data record keeps the time.

    Raises FormatError, naming `where`, if there are more than 2097152 texts: ten days of beats are fewer.
    """
    onsets = np.full(header.n_records, np.nan)
    found: list[Tal] = []
    n_damaged = n_texts = 0
    of_text = [i for i, signal in enumerate(header.signals) if signal.is_annotations]
    for order, signal in enumerate(of_text):
        columns, step = header.columns(signal), header.record_bytes
        for record in _with_text(data, header, columns):
            start = header.n_bytes + record * step
            block = data[start + columns.start : start + columns.stop]
            if keeping := _KEEPING.fullmatch(block):
                if order == 0:
                    onsets[record] = float(keeping[1])
                continue
            tals, damaged = parse_tals(block)
            n_damaged += damaged
            if order == 0 and tals and not tals[0].texts[0]:
                onsets[record] = tals[0].onset_s
            found += [tal.without_empty() for tal in tals if any(tal.texts)]
            n_texts += sum(len(tal.texts) for tal in tals)
            if n_texts > MOST_TEXTS + header.n_records:
                raise FormatError(f"{where}: expected at most {MOST_TEXTS} annotations, found more")
    return Timeline(onsets, tuple(found), n_damaged)


def _with_text(data: bytes, header: Header, columns: slice) -> list[int]:
    """Return the data records in which an annotation signal is not empty."""
    shape = header.n_records, header.record_bytes
    records = np.frombuffer(data, np.uint8, shape[0] * shape[1], header.n_bytes).reshape(shape)
    found: list[int] = np.flatnonzero(records[:, columns].any(axis=1)).tolist()
    return found


def parse_tals(block: bytes) -> tuple[list[Tal], int]:
    """Take the annotation bytes of a data record apart; return its lists, and how many are damaged.

    >>> parse_tals(b"+0\\x14\\x14\\0+1.5\\x152\\x14Apnea\\x14\\0\\0\\0")[0][1]
    Tal(onset_s=1.5, duration_s=2.0, texts=('Apnea',))
    """
    tals: list[Tal] = []
    n_damaged = 0
    for piece in block.split(b"\0"):
        if not piece:
            continue
        timing, *texts = piece.split(_END_OF_TEXT)
        match = _TIMING.fullmatch(timing)
        if match is None or not texts or texts.pop() or not texts:
            n_damaged += 1
            continue
        tals.append(Tal(float(match[1]), float(match[2] or 0), tuple(map(_decode, texts))))
    return tals, n_damaged


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def encode_tal(onset_s: Decimal, texts: Sequence[str], duration_s: Decimal | None = None) -> bytes:
    """Write one list; control characters in texts become blanks, as they would end them.

    >>> encode_tal(Decimal("1.50"), ("N",))
    b'+1.5\\x14N\\x14\\x00'
    """
    timing = f"{_spelt(onset_s):+f}" if onset_s else "+0"
    if duration_s is not None:
        timing += f"\x15{_spelt(duration_s):f}"
    cleaned = (_CONTROL.sub(" ", text) for text in texts)
    return "\x14".join((timing, *cleaned, "\0")).encode("utf-8")


def spread(tals: Sequence[tuple[int, bytes]], keeping: Sequence[bytes]) -> bytes:
    """Lay lists out over data records, none before its own, so that all records have the same, small size.

    tals : data record that each list belongs to, ascending, and its bytes
    keeping : the list that keeps the time, of every data record

    Returns the annotation signal, an even number of bytes a data record.
    """
    longest = max((len(tal) for _, tal in tals), default=0)
    size = max(map(len, keeping)) + max(longest, sum(len(tal) for _, tal in tals) // len(keeping))
    while True:
        size += size % 2
        parts = list(keeping)
        left = deque(tals)
        for record in range(len(parts)):
            while left and left[0][0] <= record and len(parts[record]) + len(left[0][1]) <= size:
                parts[record] += left.popleft()[1]
        if not left:
            return b"".join(part.ljust(size, b"\0") for part in parts)
        size += max(2, size // 4)


def _spelt(seconds: Decimal) -> Decimal:
    return seconds.quantize(_NANOSECOND).normalize()

"""Section 2 of SCP-ECG: Huffman tables, and values from what was coded with them.

Source: EN 1064:2005+A1:2007, 5.5 and Annex C (the default table). A code is a prefix, and in some codes bits
of a number after it, highest first, in two's complement, to which the code's base value is added; or it
switches to another table. Each lead begins with the first table.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.scp.sections import Section

DEFAULT_TABLE = 19999
"""This many tables means none, but the one of Annex C."""
_WINDOW_BITS = 32
_CHUNK_BITS = 2**16
_VALUE_CODE = 1


@dataclass(frozen=True, slots=True, eq=False)
class HuffmanTables:
    """The codes of all tables, one table after the other, those of a table by rising prefixes.

    Each table begins with a code that no window has.

    firsts : where each table's codes begin, and their number at the end
    starts, stops : (n_codes,) windows of 32 bits that begin with the code's prefix: from start to below stop
    prefix_bits, total_bits : (n_codes,) length of the prefix, and with the number that follows it
    values : (n_codes,) base values
    switches_to : (n_codes,) the table to go on with, counted from 0; -1 for a code that is a value
    """

    firsts: tuple[int, ...]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    prefix_bits: NDArray[np.int64]
    total_bits: NDArray[np.int64]
    values: NDArray[np.int64]
    switches_to: NDArray[np.int64]


_Code = tuple[int, int, int, int, int]
"""Prefix bits, total bits, mode, base value, prefix with its first bit lowest."""


def default_table() -> HuffmanTables:
    """Return the table of Annex C: values up to 8 have codes of their own, others follow in 8 or 16 bits."""
    codes: list[_Code] = [(1, 1, _VALUE_CODE, 0, 0)]
    for value in range(1, 9):
        ones, bits = (1 << value) - 1, value + 2
        codes += [
            (bits, bits, _VALUE_CODE, value, ones),
            (bits, bits, _VALUE_CODE, -value, ones | 1 << value + 1),
        ]
    codes += [(10, 18, _VALUE_CODE, 0, 0x1FF), (10, 26, _VALUE_CODE, 0, 0x3FF)]
    return _tables([codes], "the default table")


def read_tables(section: Section | None) -> HuffmanTables | None:
    """Read section 2; None if there is none, or no table in it: then the data are not coded.

    Raises FormatError if a table is empty or cut, a code impossible or the beginning of another, or a table
    that is switched to not there.
    """
    if section is None:
        return None
    (n_tables,) = section.unpack("<H", 0, "the number of Huffman tables")
    if n_tables in (0, DEFAULT_TABLE):
        return default_table() if n_tables else None
    tables: list[list[_Code]] = []
    at = 2
    for number in range(1, n_tables + 1):
        (n_codes,) = section.unpack("<H", at, f"the number of codes in Huffman table {number} of {n_tables}")
        at += 2
        if n_codes == 0:
            raise FormatError(f"{section.where}: expected codes in Huffman table {number}, found none")
        section.unpack(f"{9 * n_codes}x", at, f"{n_codes} codes of Huffman table {number}")
        codes = [_read_code(section, at + 9 * i, number, n_tables) for i in range(n_codes)]
        at += 9 * n_codes
        tables.append(codes)
    return _tables(tables, section.where)


def decode_huffman(
    data: bytes, tables: HuffmanTables, n_values: int | None, where: str
) -> tuple[NDArray[np.int64], int]:
    """Decode a lead.

    Parameters
    ----------
    data : the coded bits, the first one highest in its byte
    n_values : how many to decode; all that there are if None

    Returns
    -------
    (n,) values, fewer than asked for where the data end before, and how many bytes were not looked at.

    Raises FormatError if a code is in no table.
    """
    bits = _Bits(data)
    wanted = bits.n_bits if n_values is None else n_values
    walk = _walk_one_table if len(tables.firsts) == 2 else _walk_tables
    chunks = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    at, table, count = 0, 0, 0
    while at < bits.n_bits and count < wanted:
        windows = bits.windows(np.arange(at, min(at + _CHUNK_BITS, bits.n_bits)))
        offsets, codes, table = walk(windows, tables, table)
        is_value = tables.switches_to[codes] < 0
        bad = np.flatnonzero(windows[offsets] >= tables.stops[codes])
        if len(bad) and count + int(is_value[: bad[0]].sum()) < wanted:
            raise FormatError(f"{where}: expected a Huffman code at bit {at + offsets[bad[0]]}, "
                              "found none that fits")  # fmt: skip
        chunks.append((at + offsets[is_value], codes[is_value]))
        count += int(is_value.sum())
        at += int(offsets[-1] + tables.total_bits[codes[-1]])
    positions, codes = (np.concatenate(parts)[:wanted] for parts in zip(*chunks, strict=True))
    ends = positions + tables.total_bits[codes]
    whole = ends <= bits.n_bits
    positions, codes, ends = positions[whole], codes[whole], ends[whole]
    used = -(-int(ends[-1]) // 8) if len(ends) else 0
    return _values(bits, tables, positions, codes), len(data) - used


class _Bits:
    """Windows of 32 bits into coded data, at any bit; after the end come zeros."""

    def __init__(self, data: bytes) -> None:
        self.n_bits = 8 * len(data)
        padded = np.zeros(len(data) + 8, np.int64)
        padded[: len(data)] = np.frombuffer(data, np.uint8)
        self._padded = padded

    def windows(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        at, shift = positions >> 3, positions & 7
        window = self._padded[at]
        for i in range(1, 5):
            window = window << 8 | self._padded[at + i]
        found: NDArray[np.int64] = window >> (8 - shift) & 0xFFFFFFFF
        return found


def _walk_one_table(
    windows: NDArray[np.int64], tables: HuffmanTables, table: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Find where codes begin, and which: what would follow is looked up for every bit, then walked along."""
    codes = np.searchsorted(tables.starts, windows, side="right") - 1
    following = (np.arange(len(windows)) + tables.total_bits[codes]).tolist()
    offsets: list[int] = []
    at = 0
    while at < len(following):
        offsets.append(at)
        at = following[at]
    found = np.array(offsets, np.int64)
    return found, codes[found], table


def _walk_tables(
    windows: NDArray[np.int64], tables: HuffmanTables, table: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Find where codes begin, and which, one by one, as the table may change with each."""
    spans = list(zip(tables.firsts, tables.firsts[1:], strict=False))
    starts, steps, switches = tables.starts.tolist(), tables.total_bits.tolist(), tables.switches_to.tolist()
    at_bit = windows.tolist()
    low, high = spans[table]
    codes: list[int] = []
    at = 0
    while at < len(at_bit):
        code = bisect_right(starts, at_bit[at], low, high) - 1
        codes.append(code)
        at += steps[code]
        if switches[code] >= 0:
            table = switches[code]
            low, high = spans[table]
    found = np.array(codes, np.int64)
    return np.cumsum(tables.total_bits[found]) - tables.total_bits[found], found, table


def _values(
    bits: _Bits, tables: HuffmanTables, positions: NDArray[np.int64], codes: NDArray[np.int64]
) -> NDArray[np.int64]:
    values = tables.values[codes]
    prefix_bits = tables.prefix_bits[codes]
    extra_bits = tables.total_bits[codes] - prefix_bits
    long = np.flatnonzero(extra_bits)
    width = extra_bits[long]
    numbers = bits.windows(positions[long] + prefix_bits[long]) >> (_WINDOW_BITS - width)
    numbers -= (numbers >> (width - 1)) << width
    values[long] += numbers
    return values


def _read_code(section: Section, at: int, table: int, n_tables: int) -> _Code:
    prefix, total, mode, value, code = section.unpack("<BBBhI", at, "a Huffman code")
    if not (1 <= prefix <= _WINDOW_BITS and prefix <= total <= prefix + _WINDOW_BITS):
        raise FormatError(
            f"{section.where}: expected a prefix of 1 to 32 bits and up to 32 more in Huffman table {table}, "
            f"found {prefix} of {total} bits"
        )
    if mode != _VALUE_CODE and not 1 <= value <= n_tables:
        raise FormatError(
            f"{section.where}: expected a switch to one of {n_tables} Huffman tables in table {table}, "
            f"found {value}"
        )
    return prefix, total, mode, value, code


def _tables(tables: list[list[_Code]], where: str) -> HuffmanTables:
    firsts, rows = [0], []
    for number, codes in enumerate(tables, 1):
        # The first bit of a prefix is the lowest of its number; some writers have it the other way round.
        readings = (_rows(codes, first_lowest) for first_lowest in (True, False))
        fitting = next((found for found in readings if _is_prefix_free(found)), None)
        if fitting is None:
            raise FormatError(f"{where}: expected codes of which none begins with another in Huffman table "
                              f"{number}, found some that do")  # fmt: skip
        rows.append(fitting)
        firsts.append(firsts[-1] + len(fitting))
    return HuffmanTables(tuple(firsts), *np.ascontiguousarray(np.concatenate(rows).T))


def _rows(codes: list[_Code], first_lowest: bool) -> NDArray[np.int64]:
    """Return (n_codes, 6): start, stop, prefix bits, total bits, value, switch; by rising start.

    The first row is for no window, so that each window lies at or after the start of a row.
    """
    rows = [(0, 0, 1, 1, 0, -1)]
    for prefix, total, mode, value, code in codes:
        low = code & (1 << prefix) - 1
        first_highest = int(f"{low:0{prefix}b}"[::-1], 2) if first_lowest else low
        start = first_highest << _WINDOW_BITS - prefix
        switch = -1 if mode == _VALUE_CODE else value - 1
        rows.append((start, start + (1 << _WINDOW_BITS - prefix), prefix, total, value, switch))
    return np.array(sorted(rows), np.int64)


def _is_prefix_free(rows: NDArray[np.int64]) -> bool:
    return bool((rows[:-1, 1] <= rows[1:, 0]).all())

"""Writes SCP-ECG records, section by section, for tests of the reader.

Source: EN 1064:2005+A1:2007, clause 5 and Annex C; written from the standard and not from the reader.
Everything is done sample by sample and bit by bit, as slowly and plainly as the standard puts it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Code = tuple[str, int, int]
"""Bits of a code as text, its base value, and how many bits of a number follow."""

DEFAULT_CODES: tuple[Code, ...] = (
    ("0", 0, 0),
    *(
        (f"{'1' * size}0{sign}", value, 0)
        for size in range(1, 9)
        for sign, value in (("0", size), ("1", -size))
    ),
    ("1111111110", 0, 8),
    ("1111111111", 0, 16),
)
"""Annex C: the default table."""

_NAMES = "I II V1 V2 V3 V4 V5 V6 V7 V3R V4R X Y Z I-cal III aVR aVL aVF V8 V9"
LEAD_CODES = dict(
    zip(_NAMES.split(), (*range(1, 10), 11, 12, 16, 17, 18, 31, *range(61, 65), 66, 67), strict=True)
)


@dataclass(frozen=True)
class Table:
    """One Huffman table.

    codes : those that are values
    switches : bits of a code -> number of the table to go on with, counted from 1
    """

    codes: tuple[Code, ...]
    switches: Mapping[str, int] | None = None


def crc16(data: bytes) -> int:
    """5.2.7: CRC-CCITT, x^16 + x^12 + x^5 + 1, beginning with ones."""
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ 0x1021 if register & 0x8000 else register << 1) & 0xFFFF
    return register


def section(number: int, body: bytes, *, protocol: int = 20, reserved: bytes = bytes(6)) -> bytes:
    """5.2.7: a section is its checksum, number, length, two versions, six reserved bytes and its data."""
    body += bytes(len(body) % 2)
    rest = struct.pack("<HIBB", number, 16 + len(body), protocol, protocol) + reserved + body
    return struct.pack("<H", crc16(rest)) + rest


def record(
    bodies: Mapping[int, bytes], *, protocol: int = 20, name: bytes = b"SCPECG", order: Sequence[int] = ()
) -> bytes:
    """5.2, 5.3: checksum and length of the record, the pointers of section 0, then the sections.

    order : in which the sections lie; by rising numbers if not given
    """
    numbers = [*range(12), *sorted(number for number in bodies if number > 11)]
    made = {number: section(number, body, protocol=protocol) for number, body in bodies.items()}
    position = 7 + 16 + 10 * len(numbers)
    places = {0: (position - 7, 7)}
    for number in order or sorted(made):
        places[number] = (len(made[number]), position)
        position += len(made[number])
    pointers = b"".join(struct.pack("<HII", number, *places.get(number, (0, 0))) for number in numbers)
    data = section(0, pointers, protocol=protocol, reserved=name)
    data += b"".join(made[number] for number in order or sorted(made))
    rest = struct.pack("<I", 6 + len(data)) + data
    return struct.pack("<H", crc16(rest)) + rest


def tag(number: int, value: bytes | str) -> bytes:
    """5.4.4: a field of section 1; a text ends with a null."""
    raw = value.encode("latin-1") + b"\0" if isinstance(value, str) else value
    return struct.pack("<BH", number, len(raw)) + raw


def machine(
    *,
    language: int = 1,
    protocol: int = 20,
    manufacturer: int = 255,
    model: str = "CART",
    texts: Sequence[str] = ("1.7", "SN-42", "2.0", "SCP 1", "Einthoven & Co"),
) -> bytes:
    """5.4.5, tag 14: the acquiring device."""
    value = struct.pack("<HHHBB", 1, 2, 3, 0, manufacturer) + model.encode()[:5].ljust(6, b"\0")
    value += struct.pack("<BBBBB", protocol, 0xA0, language, 0xC0, 1) + bytes(16)
    encoded = [text.encode("latin-1") + b"\0" for text in texts]
    return tag(14, value + bytes([len(encoded[0])]) + b"".join(encoded))


def header(*fields: bytes) -> bytes:
    """5.4.4: section 1 ends with tag 255."""
    return b"".join(fields) + struct.pack("<BH", 255, 0)


def huffman(tables: Sequence[Table] | None) -> bytes:
    """5.5: section 2; the default table where none is given."""
    if tables is None:
        return struct.pack("<H", 19999)
    body = struct.pack("<H", len(tables))
    for table in tables:
        switches = (table.switches or {}).items()
        body += struct.pack("<H", len(table.codes) + len(switches))
        for bits, value, more in table.codes:
            body += struct.pack("<BBBhI", len(bits), len(bits) + more, 1, value, int(bits[::-1], 2))
        for bits, number in switches:
            body += struct.pack("<BBBhI", len(bits), len(bits), 0, number, int(bits[::-1], 2))
    return body


def leads(
    spans: Sequence[tuple[int, int, int]], *, subtracted: bool = False, groups_of: int | None = None
) -> bytes:
    """5.6: section 3.

    spans : start, end and code of each lead
    groups_of : how many leads were recorded at a time; all of them if None
    """
    flags = subtracted | (4 if groups_of is None else 0) | min(groups_of or len(spans), 31) << 3
    return struct.pack("<BB", len(spans), flags) + b"".join(struct.pack("<IIB", *span) for span in spans)


def beats(
    reference_ms: int,
    fiducial: int,
    complexes: Sequence[tuple[int, int, int, int]],
    areas: Sequence[tuple[int, int]] = (),
) -> bytes:
    """5.7: section 4.

    complexes : type, first sample subtracted, fiducial point and last sample subtracted of each
    areas : first and last sample of each protected area
    """
    body = struct.pack("<HHH", reference_ms, fiducial, len(complexes))
    body += b"".join(struct.pack("<HIII", *found) for found in complexes)
    return body + b"".join(struct.pack("<II", *area) for area in areas)


def differences(samples: Sequence[int], order: int) -> list[int]:
    """5.8.3: the first `order` samples stay, the rest become differences of that order."""
    found = list(samples[:order])
    for n in range(order, len(samples)):
        if order == 0:
            found.append(samples[n])
        elif order == 1:
            found.append(samples[n] - samples[n - 1])
        else:
            found.append(samples[n] - 2 * samples[n - 1] + samples[n - 2])
    return found


def coded(values: Sequence[int], tables: Sequence[Table] | None, path: Sequence[int] = ()) -> bytes:
    """5.5: Huffman codes of the values, filled up with zero bits to an even number of bytes.

    path : the table to use for each value, counted from 1; where it changes, a switch is written
    """
    tables = tables or [Table(DEFAULT_CODES)]
    bits, table = [], 1
    for n, value in enumerate(values):
        wanted = path[n] if path else 1
        if wanted != table:
            bits.append(next(code for code, to in (tables[table - 1].switches or {}).items() if to == wanted))
            table = wanted
        bits.append(_bits(value, tables[table - 1]))
    text = "".join(bits)
    text += "0" * (-len(text) % 16)
    return int(text, 2).to_bytes(len(text) // 8, "big") if text else b""


def _bits(value: int, table: Table) -> str:
    for bits, base, more in table.codes:
        if more == 0 and value == base:
            return bits
        if more and -(1 << more - 1) <= value - base < 1 << more - 1:
            return bits + format((value - base) & (1 << more) - 1, f"0{more}b")
    raise ValueError(f"no code for {value}")


def plain(values: Sequence[int]) -> bytes:
    """5.9: 16-bit numbers, where no Huffman table is used."""
    return struct.pack(f"<{len(values)}h", *values)


def waveform(
    rows: Sequence[bytes], *, amplitude: int = 1000, interval: int = 2000, order: int = 0, bimodal: int = 0
) -> bytes:
    """5.8, 5.9: sections 5 and 6: nV a step, us a sample, order of differences, if bimodal; the leads."""
    body = struct.pack("<HHBB", amplitude, interval, order, bimodal)
    return body + b"".join(struct.pack("<H", len(row)) for row in rows) + b"".join(rows)


def thinned(samples: Sequence[int], start: int, areas: Sequence[tuple[int, int]], factor: int) -> list[int]:
    """Annex C: outside of the protected areas, keep the sample in the middle of each group of `factor`.

    Samples that fill no group before a protected area, or before the end, are kept. The caller filters.
    """
    found, n = [], 0
    while n < len(samples):
        if _is_protected(start + n, areas):
            found.append(samples[n])
            n += 1
            continue
        stop = n
        while stop < len(samples) and not _is_protected(start + stop, areas):
            stop += 1
        while stop - n >= factor:
            found.append(samples[n + factor // 2])
            n += factor
        found += samples[n:stop]
        n = stop
    return found


def _is_protected(sample: int, areas: Sequence[tuple[int, int]]) -> bool:
    return any(begin <= sample <= end for begin, end in areas)


def residual(
    samples: Sequence[int],
    start: int,
    beat: Sequence[int],
    fiducial: int,
    complexes: Sequence[tuple[int, int, int, int]],
) -> list[int]:
    """Annex C: what is left of a lead when the reference beat, aligned by its fiducial, is subtracted."""
    left = list(samples)
    for kind, begin, centre, end in complexes:
        for sample in range(begin, end + 1) if kind == 0 else ():
            if start <= sample < start + len(left):
                left[sample - start] -= beat[fiducial - 1 + sample - centre]
    return left


def statements(*texts: str) -> bytes:
    """5.11: section 8: not confirmed, date, time, and the statements."""
    body = struct.pack("<BHBBBBBB", 0, 2004, 8, 4, 2, 13, 18, len(texts))
    for number, text in enumerate(texts, 1):
        raw = text.encode("latin-1") + b"\0"
        body += struct.pack("<BH", number, len(raw)) + raw
    return body


def measurements(spikes: Sequence[tuple[int, int]], n_blocks: int = 1) -> bytes:
    """5.10: section 7: blocks of measurements, left empty, and the pacemaker's spikes in ms and uV."""
    body = struct.pack("<BBHH", n_blocks, len(spikes), 869, 0) + struct.pack("<8H", *[29999] * 8) * n_blocks
    body += b"".join(struct.pack("<Hh", *spike) for spike in spikes)
    return body + bytes(6 * len(spikes))


def simple(
    rows: Mapping[str, Sequence[int]],
    *,
    tables: Sequence[Table] | None = None,
    coding: str = "huffman",
    order: int = 2,
    fields: Sequence[bytes] = (),
    more: Mapping[int, bytes] | None = None,
    protocol: int = 20,
    name: bytes = b"SCPECG",
    **scale: int,
) -> bytes:
    """Write a recording of leads that all begin with sample 1, in one go.

    coding : `huffman`, or `plain` for 16-bit numbers without section 2
    more : other sections
    """
    spans = [(1, len(row), LEAD_CODES[lead]) for lead, row in rows.items()]
    values = [differences(row, order) for row in rows.values()]
    is_coded = coding == "huffman"
    data = [coded(row, tables) if is_coded else plain(row) for row in values]
    bodies = {
        1: header(*fields),
        **({2: huffman(tables)} if is_coded else {}),
        3: leads(spans),
        6: waveform(data, order=order, **scale),
        **(more or {}),
    }
    return record(bodies, protocol=protocol, name=name)

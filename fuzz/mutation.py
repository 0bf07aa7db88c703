"""Mutations that know what a format is built of, where bytes changed at random would not get far.

A changed byte of base64, of what is compressed, or of what has a checksum is mostly refused at the door, and
so is XML that is no longer well-formed. So what is inside is changed, and the outside made anew. About every
third mutation stays one of the bytes as they are, so that the doors are tried too.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from copy import deepcopy
from xml.etree import ElementTree

Mutate = Callable[[bytes, int], bytes]
"""Changes bytes at random, given the most that may come out: that of the fuzzing engine."""
Mutator = Callable[[bytes, int, random.Random, Mutate], bytes]

PLAIN_SHARE = 0.3
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]{24,}")
_WORDS = (
    *(
        "",
        "0",
        "-1",
        "1",
        "2",
        "-0",
        "1e999",
        "-1e999",
        "NaN",
        "inf",
        "1e-320",
        "0.1",
        "1.5",
        "+7",
        "00",
        "٣",
    ),
    *(
        "32767",
        "32768",
        "65536",
        "2147483647",
        "2147483648",
        "99999999999999999999",
        "9" * 400,
        "1_0",
        "0x10",
    ),
    *("20021122091000", "99999999", "00000000", "2002-13-45", "24:00:60", "a b", "\n", "\x85", "x" * 300),
)
_MAT_HEADER = 128


def mutate_base64_xml(data: bytes, most: int, chance: random.Random, mutate: Mutate) -> bytes:
    """Change what is inside a stretch of base64, or the elements around it."""
    stretches = [match for match in _BASE64.finditer(data) if len(match[0].split()) and b"<" not in match[0]]
    if not stretches or chance.random() < 0.5:
        return mutate_xml(data, most, chance, mutate)
    found = chance.choice(stretches)
    try:
        inside = base64.b64decode(b"".join(found[0].split()))
    except binascii.Error:
        return mutate(data, most)
    changed = base64.b64encode(mutate(inside, 2 * len(inside) + 64))
    made = data[: found.start()] + changed + data[found.end() :]
    return made if len(made) <= most else mutate(data, most)


def mutate_xml(data: bytes, most: int, chance: random.Random, mutate: Mutate) -> bytes:
    """Change a text or an attribute, or leave out, repeat, move or rename an element."""
    try:
        root = ElementTree.fromstring(data)
        elements = list(root.iter())
        for _ in range(chance.randint(1, 3)):
            _change_element(chance.choice(elements), elements, chance, mutate)
        made = ElementTree.tostring(root, encoding="utf-8")
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        return mutate(data, most)
    return made if len(made) <= most else mutate(data, most)


def _change_element(
    element: ElementTree.Element, elements: list[ElementTree.Element], chance: random.Random, mutate: Mutate
) -> None:
    kind = chance.randrange(6)
    if kind == 0:
        element.text = _changed_text(element.text or "", chance, mutate)
    elif kind == 1 and element.attrib:
        name = chance.choice(list(element.attrib))
        element.set(name, _changed_text(element.get(name, ""), chance, mutate))
    elif kind == 2 and len(element):
        element.remove(chance.choice(list(element)))
    elif kind == 3 and len(element):
        element.insert(chance.randrange(len(element)), deepcopy(chance.choice(list(element))))
    elif kind == 4:
        other = chance.choice(elements)
        if not any(inner is element for inner in other.iter()):
            element.append(deepcopy(other))
    else:
        element.tag = chance.choice(elements).tag


def _changed_text(text: str, chance: random.Random, mutate: Mutate) -> str:
    if chance.random() < 0.5:
        return chance.choice(_WORDS)
    words = text.split(" ")
    if len(words) > 1:
        at = chance.randrange(len(words))
        words[at] = chance.choice(_WORDS)
        return " ".join(words)
    changed = mutate(text.encode("utf-8", "replace"), len(text) + 16).decode("latin-1")
    return "".join(sign for sign in changed if sign >= " " or sign in "\t\n")


def mutate_gzip(data: bytes, most: int, chance: random.Random, mutate: Mutate) -> bytes:
    """Change what is packed, and pack it anew; now and then as two members."""
    try:
        inside = zlib.decompressobj(31).decompress(data, 2**20)
    except zlib.error:
        return mutate(data, most)
    changed = mutate(inside, max(64, 2 * len(inside)))
    middle = chance.randrange(len(changed) + 1) if chance.random() < 0.2 else len(changed)
    parts = [part for part in (changed[:middle], changed[middle:]) if part]
    made = b"".join(gzip.compress(part, 1, mtime=0) for part in parts)
    return made if 0 < len(made) <= most else mutate(data, most)


def mutate_npz(data: bytes, most: int, chance: random.Random, mutate: Mutate) -> bytes:
    """Change an array of an archive, which has a checksum of each; a `.npy` file is changed as it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except Exception:
        # Damaged archives make zipfile raise nearly anything.
        return mutate(data, most)
    if not members:
        return mutate(data, most)
    at = chance.randrange(len(members))
    name, inside = members[at]
    if chance.random() < 0.1:
        name = chance.choice(("signal.npy", "fs.npy", "units.npy", "leads.npy", "val.npy", "x.txt"))
    members[at] = name, mutate(inside, 2 * len(inside) + 64)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, array in dict(members).items():
            archive.writestr(zipfile.ZipInfo(name), array)
    return stream.getvalue() if stream.tell() <= most else mutate(data, most)


def mutate_mat(data: bytes, most: int, chance: random.Random, mutate: Mutate) -> bytes:
    """Change what is inside a compressed element of a MATLAB file, or the bytes of one that has none."""
    order = "<" if data[_MAT_HEADER - 2 : _MAT_HEADER] == b"IM" else ">"
    position, elements = _MAT_HEADER, []
    while position + 8 <= len(data):
        kind, size = struct.unpack_from(order + "2I", data, position)
        if kind == 15 and position + 8 + size <= len(data):
            elements.append((position, size))
        position += 8 + size
    if not elements:
        return mutate(data, most)
    start, size = chance.choice(elements)
    try:
        inside = zlib.decompressobj().decompress(data[start + 8 : start + 8 + size], 2**20)
    except zlib.error:
        return mutate(data, most)
    packed = zlib.compress(mutate(inside, 2 * len(inside) + 64), 1)
    head = struct.pack(order + "2I", 15, len(packed))
    made = data[:start] + head + packed + data[start + 8 + size :]
    return made if len(made) <= most else mutate(data, most)


MUTATORS: dict[str, Mutator] = {
    "aecg": mutate_xml,
    "muse": mutate_base64_xml,
    "philips": mutate_base64_xml,
    "gzip": mutate_gzip,
    "npy": mutate_npz,
    "mat": mutate_mat,
}
"""By the name of the format; the others are changed byte by byte."""

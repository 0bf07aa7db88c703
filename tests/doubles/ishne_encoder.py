"""Writes ISHNE Holter files for tests of the reader.

Source: F. Badilini, 1998, doi:10.1111/j.1542-474X.1998.tb00353.x; written from the paper, not
from the reader.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from scp_encoder import crc16

CODES = {
    "X": 2,
    "Y": 3,
    "Z": 4,
    "I": 5,
    "II": 6,
    "III": 7,
    "aVR": 8,
    "aVL": 9,
    "aVF": 10,
    **{f"V{i}": 10 + i for i in range(1, 7)},
    "ES": 17,
    "AS": 18,
    "AI": 19,
}


def twelve(values: Sequence[int]) -> list[int]:
    """Fill the places of leads that are not there."""
    return [*values, *[-9] * (12 - len(values))]


def encode_ishne(frames: Sequence[Sequence[int]], codes: Sequence[int], **fields: Any) -> bytes:
    """Write a recording.

    frames : for each time the samples of all leads, in steps
    codes : of the leads, as in table 1
    fields : other fields of the header, by the names below
    """
    field = {
        "magic": b"ISHNE1.0",
        "block": b"",
        "n_samples": len(frames),
        "first_name": b"Ada",
        "last_name": b"Lovelace",
        "id": b"H-17",
        "sex": 2,
        "race": 1,
        "birth": (10, 12, 1815),
        "recorded": (5, 6, 1998),
        "made": (6, 6, 1998),
        "time": (9, 30, 15),
        "n_leads": len(codes),
        "quality": [1] * len(codes),
        "resolution": [2500] * len(codes),
        "pacemaker": 0,
        "recorder": b"digital",
        "fs": 200,
        "texts": (b"", b"", b""),
        "samples_at": None,
        "block_bytes": None,
        "checksum": None,
    } | fields
    block = field["block"]
    size = len(block) if field["block_bytes"] is None else field["block_bytes"]
    samples_at = 522 + len(block) if field["samples_at"] is None else field["samples_at"]
    header = struct.pack("<iiiih", size, field["n_samples"], 522, samples_at, 1)
    header += field["first_name"].ljust(40, b"\0") + field["last_name"].ljust(40, b"\0")
    header += field["id"].ljust(20, b"\0") + struct.pack("<hh", field["sex"], field["race"])
    for three in ("birth", "recorded", "made", "time"):
        header += struct.pack("<3h", *field[three])
    header += struct.pack("<h", field["n_leads"])
    for values in (codes, field["quality"], field["resolution"]):
        header += struct.pack("<12h", *twelve(values))
    header += struct.pack("<h", field["pacemaker"]) + field["recorder"].ljust(40, b"\0")
    header += struct.pack("<h", field["fs"])
    header += b"".join(text.ljust(n, b"\0") for text, n in zip(field["texts"], (80, 80, 88), strict=True))
    header += block
    checksum = crc16(header) if field["checksum"] is None else field["checksum"]
    samples = b"".join(struct.pack(f"<{len(frame)}h", *frame) for frame in frames)
    return field["magic"] + struct.pack("<H", checksum) + header + samples

"""Samples as WFDB signal files store them, bit by bit after signal(5), slowly and without NumPy's dtypes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

RANGES = {
    "8": (-128, 127),
    "16": (-(2**15), 2**15 - 1),
    "24": (-(2**23), 2**23 - 1),
    "32": (-(2**31), 2**31 - 1),
    "61": (-(2**15), 2**15 - 1),
    "80": (-(2**7), 2**7 - 1),
    "160": (-(2**15), 2**15 - 1),
    "212": (-(2**11), 2**11 - 1),
    "310": (-(2**9), 2**9 - 1),
    "311": (-(2**9), 2**9 - 1),
}
"""Smallest and largest number of each format; of format 8, difference."""


def encode_samples(fmt: str, samples: Sequence[int]) -> bytes:
    """Pack numbers in the order they are to be stored in."""
    match fmt:
        case "8":
            return b"".join((sample & 0xFF).to_bytes(1) for sample in samples)
        case "16":
            return b"".join((sample & 0xFFFF).to_bytes(2, "little") for sample in samples)
        case "24":
            return b"".join((sample & 0xFFFFFF).to_bytes(3, "little") for sample in samples)
        case "32":
            return b"".join((sample & 0xFFFFFFFF).to_bytes(4, "little") for sample in samples)
        case "61":
            return b"".join((sample & 0xFFFF).to_bytes(2, "big") for sample in samples)
        case "80":
            return b"".join((sample + 128).to_bytes(1) for sample in samples)
        case "160":
            return b"".join((sample + 32768).to_bytes(2, "little") for sample in samples)
        case "212":
            return _encode_212(samples)
    return _encode_triplets(fmt, samples)


def _encode_212(samples: Sequence[int]) -> bytes:
    out = bytearray()
    for i in range(0, len(samples), 2):
        first = samples[i] & 0xFFF
        out += bytes([first & 0xFF, first >> 8])
        if i + 1 < len(samples):
            second = samples[i + 1] & 0xFFF
            out[-1] |= second >> 8 << 4
            out.append(second & 0xFF)
    return bytes(out)


def _encode_triplets(fmt: str, samples: Sequence[int]) -> bytes:
    out = b""
    for i in range(0, len(samples), 3):
        three = [sample & 0x3FF for sample in samples[i : i + 3]]
        first, second, third = (*three, 0, 0)[:3]
        if fmt == "310":
            low = first << 1 | (third & 0x1F) << 11
            high = second << 1 | third >> 5 << 11
            group = low.to_bytes(2, "little") + high.to_bytes(2, "little")
            out += group[: (2, 4, 4)[len(three) - 1]]
        else:
            group = (first | second << 10 | third << 20).to_bytes(4, "little")
            out += group[: (2, 3, 4)[len(three) - 1]]
    return out


def write_wfdb(
    folder: Path,
    fmt: str,
    frames: Sequence[Sequence[Sequence[int]]],
    *,
    name: str = "x",
    fs: float = 100,
    offset: int = 0,
    skews: Sequence[int] | None = None,
    gain: str = "200(3)/mV",
) -> Path:
    """Write a record of one signal file: frames of signals of samples; return its header."""
    widths = [len(samples) for samples in frames[0]]
    flat = [sample for frame in frames for samples in frame for sample in samples]
    (folder / f"{name}.dat").write_bytes(bytes(offset) + encode_samples(fmt, flat))
    lines = [f"{name} {len(widths)} {fs:g} {len(frames)}"]
    for i, width in enumerate(widths):
        skew = f":{skews[i]}" if skews and skews[i] else ""
        form = f"{fmt}{f'x{width}' if width > 1 else ''}{skew}{f'+{offset}' if offset else ''}"
        lines.append(f"{name}.dat {form} {gain} 0 0 {17 * i} 0 0 lead{i}")
    path = folder / f"{name}.hea"
    path.write_text("\n".join(lines) + "\n")
    return path

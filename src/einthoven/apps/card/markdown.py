"""The little Markdown that a card needs; text from a bundle cannot break out of its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def plain(text: Any) -> str:
    """Return text for one line, in which bars and tags mean nothing.

    >>> plain("a | b\\n<img>")
    'a \\\\| b &lt;img>'
    """
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def sentence(text: Any) -> str:
    """Return text with a capital at its beginning and a full stop at its end, unless it has them.

    >>> sentence("one of N, A")
    'One of N, A.'
    """
    line = plain(text)
    return f"{line[:1].upper()}{line[1:].removesuffix('.')}."


def code(text: Any) -> str:
    """Return text in code font: of the class `~` Markdown would otherwise make strikes.

    >>> code("~")
    '`~`'
    """
    return f"`{' '.join(str(text).split()).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(lines: Iterable[str]) -> str:
    """Return a list."""
    return "\n".join(f"- {line}" for line in lines)


def call(values: Mapping[str, Any], tag: str) -> str:
    """Return a JSON object as the call that it was written from; `tag` is the key of its name.

    >>> call({"step": "Resample", "fs": 100.0, "order": None}, "step")
    '`Resample(fs=100.0)`'
    """
    pairs = [f"{key}={value}" for key, value in values.items() if key != tag and value is not None]
    return code(f"{values.get(tag, '')}({', '.join(pairs)})")

"""Text made safe to print, counted, and folded to a width."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"(?<=\s)|(?<=\w[/_-])")
"""Where a line may end: after a space, or inside a name of several parts."""


def one_line(text: object) -> str:
    """Return text that prints as one line: no line breaks, no control characters, no lone surrogates.

    >>> one_line("odd\\n\\x1b[31mname")
    'odd\\\\n\\\\x1b[31mname'
    """
    line = str(text)
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def counted(n: int, noun: str) -> str:
    """Return a number of things.

    >>> counted(1, "recording"), counted(2, "recording")
    ('1 recording', '2 recordings')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def width_of(text: str) -> int:
    """Return how many columns of a terminal a line takes.

    >>> width_of("ECG"), width_of("心電図")
    (3, 6)
    """
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fold(text: str, width: int) -> list[str]:
    """Break text into lines that are at most `width` columns wide, at spaces and between parts of names.

    Only what has no such place is broken elsewhere. Nothing but the spaces at the breaks is left out.

    >>> fold("atrial-fibrillation-12-leads", 24)
    ['atrial-fibrillation-12-', 'leads']
    """
    if width_of(text) <= width:
        return [text.rstrip()]
    lines, line = [], ""
    for part in _BREAKS.split(text):
        if line and width_of(line + part.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        *whole, rest = _chopped(part, width)
        lines += whole
        line += rest
    return [*lines, line.rstrip()]


def _chopped(part: str, width: int) -> list[str]:
    """Cut what is wider than a line; a letter may be two columns wide."""
    pieces = [""]
    for letter in part:
        if letter.strip() and width_of(pieces[-1] + letter) > width and pieces[-1]:
            pieces.append("")
        pieces[-1] += letter
    return pieces

"""Text from outside, such as file names and messages, made safe to print."""

from __future__ import annotations


def one_line(text: object) -> str:
    """Return text that prints as one line: no line breaks, no control characters, no lone surrogates.

    >>> one_line("odd\\n\\x1b[31mname")
    'odd\\\\n\\\\x1b[31mname'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))

"""Section 8 of SCP-ECG: the interpretation in full text.

Source: EN 1064:2005+A1:2007, 5.11.
"""

from __future__ import annotations

from einthoven.formats.scp.sections import Section
from einthoven.formats.scp.text import decode_text

_STATEMENTS_AT = 9
"""After whether it was confirmed, when, and the number of statements."""


def read_statements(section: Section, language: int) -> tuple[str, ...]:
    """Read the statements, without empty ones.

    language : the language support code of section 1

    Raises FormatError if there are fewer than stated.
    """
    (n_statements,) = section.unpack("<B", _STATEMENTS_AT - 1, "the number of statements")
    at, statements = _STATEMENTS_AT, []
    for i in range(n_statements):
        what = f"statement {i + 1} of {n_statements}"
        _, length = section.unpack("<BH", at, what)
        section.unpack(f"{length}x", at + 3, what)
        statements.append(decode_text(section.body[at + 3 : at + 3 + length], language))
        at += 3 + length
    return tuple(filter(None, statements))

"""Why a text is not read as a table of samples, and whether it is a table of labels instead."""

from __future__ import annotations

import re

from einthoven.formats.table.reading import find_delimiter_cells, is_number, names_labels

_LABEL_NAME = re.compile(r"(labels|reference|records)([-_. ].*)?", re.IGNORECASE)
_ABOUT_RECORDINGS = re.compile(r"(ecg_?id|(record|patient|study|file)(_?(id|name).*)?)", re.IGNORECASE)
"""What columns are called in tables that list recordings, such as PTB-XL's."""
_MAX_HEADER = 8192
"""Characters: a single longer line is no header."""


def is_label_table(name: str, text: str | None) -> bool:
    """Tell whether a file is a table about recordings: by its name, its header, or as it is mostly words."""
    if _LABEL_NAME.fullmatch(name) or text is None:
        return _LABEL_NAME.fullmatch(name) is not None
    rows = find_delimiter_cells(text)
    if not rows:
        return False
    header = rows[0][1]
    if names_labels(header) or any(_ABOUT_RECORDINGS.fullmatch(cell.strip()) for cell in header):
        return True
    first = rows[1][1] if len(rows) > 1 else []
    filled = [cell for cell in first if cell.strip()]
    if len(first) > 2 and sum(map(is_number, filled)) < len(filled) / 2:
        return True
    # A single line may as well be the header of samples that are not there.
    return len(rows) > 1 and all(len(cells) == 2 and not is_number(cells[1]) for _, cells in rows)


def why_no_table(head: bytes, text: str | None) -> str | None:
    """Return what keeps the first bytes of a file, and the text they are, from being a table of samples.

    None if nothing can be said but that the content is unknown.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16: save it as UTF-8"
    rows = find_delimiter_cells(text) if text is not None else []
    if text is None or not rows or (len(rows) == 1 and len(text) > _MAX_HEADER):
        return None
    if len(rows) == 1:
        return "only a header line"
    for i, cells in rows[1:]:
        for cell in cells:
            if not is_number(cell):
                return f"line {i}: expected a number, found {cell[:60]!r}"
    if not any(is_number(cell, missing=False) for _, cells in rows[1:] for cell in cells):
        return "every value is missing"
    return None

"""Elements of an HL7 document to be written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from einthoven.formats.aecg.codes import EINTHOVEN

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def node(tag: str, *children: Element | None, text: str = "", **attributes: str | None) -> Element:
    """Make an element of those children and attributes that are not None; `xsi_type` becomes `xsi:type`.

    Characters that XML cannot hold, such as a zero byte, are replaced.
    """
    from xml.etree.ElementTree import Element

    names = {"xsi_type": "xsi:type"}
    made = Element(
        tag,
        {names.get(name, name): _plain(value) for name, value in attributes.items() if value is not None},
    )
    made.text = _plain(text) or None
    made.extend(child for child in children if child is not None)
    return made


def coded(tag: str, code: str, system: str) -> Element:
    """Make an element with a code."""
    return node(tag, code=code, codeSystem=system)


def uncoded(tag: str, text: str) -> Element:
    """Make an element for what the code system has no code for."""
    return node(tag, node("originalText", text=text), nullFlavor="OTH")


def identifier(extension: str | None) -> Element:
    """Make an `id` of a number whose issuer is not known, or one that says that there is none."""
    return node("id", root=EINTHOVEN, extension=extension) if extension else node("id", nullFlavor="UNK")


def within(path: str, *children: Element | None) -> Element:
    """Make nested elements, the outermost first in the path, around children."""
    *outer, tag = path.split("/")
    made = node(tag, *children)
    for tag in reversed(outer):
        made = node(tag, made)
    return made


def _plain(text: str) -> str:
    return _NO_XML.sub(_REPLACED, text)

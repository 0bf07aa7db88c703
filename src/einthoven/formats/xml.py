"""XML documents of devices, parsed with limits: nothing from outside is fetched, no entity is expanded.

Namespaces are not resolved, since a long one on many elements would take time without end; prefixes are cut
off.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from einthoven.errors import FormatError
from einthoven.formats.limits import Limits

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_BLANKS = re.compile(r"\s*")
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_MULTI_BYTE = frozenset(
    {
        *("gb2312", "gbk", "gb18030", "cp936", "big5", "cp950"),
        *("shift_jis", "shift-jis", "sjis", "cp932", "windows-31j", "euc-jp", "iso-2022-jp"),
        *("euc-kr", "cp949", "ks_c_5601-1987"),
    }
)
"""Encodings of eastern Asia that Python knows and the parser does not."""
_UTF_16 = frozenset({"utf-16", "utf16", "utf-16le", "utf-16be", "ucs-2", "unicode"})
_FED_AT_ONCE = 2**20
_LONGEST_TAG = 2**24
"""Bytes; the parser scans a tag or comment anew with every piece that it is fed."""


def root_of(head: bytes) -> str | None:
    """Tell the name of a document's root from its first bytes, without its namespace.

    Empty for a document whose root lies further on; None if it is no XML.

    >>> root_of(b'<?xml version="1.0"?><!-- an ECG --><hl7:AnnotatedECG xmlns:hl7="urn:hl7-org:v3">')
    'AnnotatedECG'
    """
    text = _head_text(head)
    at = _after_blanks(text, 0)
    if not text.startswith("<", at):
        return None
    unknown = "" if text.startswith("<?xml", at) else None
    while (end := _end_of_prolog_item(text, at)) is not None:
        if end < 0:
            return unknown
        at = _after_blanks(text, end)
    root = _ROOT.match(text, at)
    return unknown if root is None else root[1]


def parse_xml(data: bytes, where: str, limits: Limits) -> Element:
    """Parse a document; names of elements and attributes lose their namespaces.

    A document type is passed over, never fetched; default values that it declares are not filled in. Blanks
    before the document are passed over. A document that says it is UTF-8, and is not, is taken as
    Windows-1252; one that says it is UTF-16, and has one byte a character, as UTF-8.

    Raises FormatError, naming line and column, if the document is not well-formed, declares or refers to an
    entity of its own, is in an unknown encoding, or goes beyond `limits.xml_depth` or `limits.xml_elements`.
    """
    limits.check("file_bytes", len(data), where)
    text, encoding = _readable(data.lstrip(b" \t\r\n"), where)
    try:
        return _parse(text, encoding, where, limits)
    except expat.ExpatError as error:
        if _may_be_windows_1252(text, encoding, error):
            try:
                return _parse(text, "windows-1252", where, limits)
            except expat.ExpatError:
                pass
        reason = expat.errors.messages.get(error.code, str(error))
        at = f"line {error.lineno}, column {error.offset}"
        raise FormatError(f"{where}: expected well-formed XML, found at {at}: {reason}") from error
    except (LookupError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{where}: expected XML in a known encoding, found {error}") from error


def _parse(data: bytes, encoding: str | None, where: str, limits: Limits) -> Element:
    builder = _LimitedBuilder(where, limits)
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    # A declared default of an attribute would be repeated with every element.
    parser.specified_attributes = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = builder.entity_declaration
    parser.SkippedEntityHandler = builder.skipped_entity
    for start in range(0, len(data), _FED_AT_ONCE):
        end = start + _FED_AT_ONCE
        parser.Parse(data[start:end], False)
        if end - parser.CurrentByteIndex > _LONGEST_TAG:
            raise FormatError(f"{where}: expected tags and comments of at most {_LONGEST_TAG} bytes, found a "
                              f"longer one at line {parser.CurrentLineNumber}")  # fmt: skip
    parser.Parse(b"", True)
    return builder.close()


class _LimitedBuilder:
    """Builds the tree, and stops where it grows beyond the limits."""

    def __init__(self, where: str, limits: Limits) -> None:
        from xml.etree.ElementTree import TreeBuilder

        self._builder = TreeBuilder()
        self.data = self._builder.data
        self.close = self._builder.close
        self._where = where
        self._limits = limits
        self._depth = 0
        self._n_elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._n_elements += 1
        self._limits.check("xml_depth", self._depth, self._where)
        self._limits.check("xml_elements", self._n_elements, self._where)
        self._builder.start(_local(tag), {_local(name): value for name, value in attributes.items()})

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._builder.end(_local(tag))

    def entity_declaration(self, name: str, *_: object) -> None:
        raise FormatError(f"{self._where}: expected XML without entities of its own, "
                          f"found the declaration of {name!r:.60}")  # fmt: skip

    def skipped_entity(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            raise FormatError(f"{self._where}: expected XML without entities of its own, "
                              f"found a reference to {name!r:.60}")  # fmt: skip


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _readable(data: bytes, where: str) -> tuple[bytes, str | None]:
    """Return a document in an encoding that the parser knows, and which, if it is not the one declared."""
    declared = _DECLARED.match(data)
    name = declared[1].decode("ascii").lower() if declared else ""
    if name in _UTF_16:
        return data, "utf-8"
    if name not in _MULTI_BYTE:
        return data, None
    try:
        return data.decode(name).encode(), "utf-8"
    except UnicodeError as error:
        raise FormatError(f"{where}: expected text in {name}, as the document says, found {error}") from error


def _may_be_windows_1252(data: bytes, encoding: str | None, error: expat.ExpatError) -> bool:
    if error.code != expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]:
        return False
    declared = _DECLARED.match(data)
    if encoding is None and declared is not None and declared[1].lower() not in (b"utf-8", b"utf8"):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return False


def _head_text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace")
    if head.startswith(b"<\0"):
        return head.decode("utf-16-le", errors="replace")
    if head.startswith(b"\0<"):
        return head.decode("utf-16-be", errors="replace")
    return head.decode("utf-8-sig", errors="replace")


def _after_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _end_of_prolog_item(text: str, at: int) -> int | None:
    """Return where an instruction, comment or document type ends: -1 for further on, None if it is none."""
    if text.startswith("<?", at):
        return _after(text, "?>", at)
    if text.startswith("<!--", at):
        return _after(text, "-->", at + 4)
    if text.startswith("<!DOCTYPE", at):
        subset, end = text.find("[", at), _after(text, ">", at)
        if not 0 <= subset < end:
            return end
        closed = text.find("]", subset)
        return _after(text, ">", closed) if closed >= 0 else -1
    return None


def _after(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return -1 if found < 0 else found + len(mark)

"""Files that are recognised, so that a message can name them, but not read.

Source of the signature of GDF 2.51: arXiv:cs/0608052.
"""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.errors import FormatError
from einthoven.formats.sniff import READ
from einthoven.formats.xml import root_of

NEEDED_BYTES = 4096
"""So much of a file is enough to recognise it."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a file is.

    name : with its article, as in "an EDF recording"
    is_recording : whether it is for certain a recording, and not just possibly one, such as a picture of one
    """

    name: str
    is_recording: bool = False

    def refusal(self, where: str) -> FormatError:
        """Make the error that says so."""
        return FormatError(f"{where}: this is {self.name}, which einthoven does not read; "
                           f"it reads {', '.join(READ)}")  # fmt: skip


ZIP = Foreign("a ZIP archive")

_SIGNATURES: tuple[tuple[int, bytes, Foreign], ...] = (
    (0, b"\xffBIOSEMI", Foreign("a damaged BDF recording", True)),
    (0, b"GDF ", Foreign("a GDF recording", True)),
    (0, b"%PDF-", Foreign("a PDF document")),
    (0, b"\x89PNG\r\n\x1a\n", Foreign("a PNG picture")),
    (0, b"\xff\xd8\xff", Foreign("a JPEG picture")),
    (0, b"GIF8", Foreign("a GIF picture")),
    (0, b"II*\0", Foreign("a TIFF picture")),
    (0, b"MM\0*", Foreign("a TIFF picture")),
    (0, b"BZh", Foreign("a bzip2 archive")),
    (0, b"\xfd7zXZ\0", Foreign("an xz archive")),
    (0, b"7z\xbc\xaf\x27\x1c", Foreign("a 7z archive")),
    (0, b"\x89HDF\r\n\x1a\n", Foreign("an HDF5 file")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign("an old Office document, such as .xls")),
    (0, b"PAR1", Foreign("a Parquet table")),
)
_ROOTS = {"CardiologyXML": Foreign("a GE CardioSoft recording (XML)", True)}
_XML = Foreign("an XML document")


def recognise(head: bytes) -> Foreign | None:
    """Tell what a file is from its first bytes (`NEEDED_BYTES` are enough); None if it may be read here."""
    for offset, signature, foreign in _SIGNATURES:
        if head.startswith(signature, offset):
            return foreign
    root = root_of(head)
    return None if root is None else _ROOTS.get(root, _XML)

"""Files that are recognised, so that a message can name them, but not read.

Sources of the signatures:
EDF, https://www.edfplus.info/specs/edf.html; BDF, https://www.biosemi.com/faq/file_format.htm;
GDF 2.51, arXiv:cs/0608052; DICOM PS3.10, section 7.1; SCP-ECG, EN 1064, section 0;
ISHNE, Badilini 1998, doi:10.1111/j.1542-474X.1998.tb00353.x; HL7 aECG, ANSI/HL7 V3 ECG R1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from einthoven.errors import FormatError

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
        return FormatError(f"{where}: this is {self.name}, which einthoven does not read yet; "
                           "it reads WFDB, MATLAB, CSV and NumPy")  # fmt: skip


ZIP = Foreign("a ZIP archive")

_SIGNATURES: tuple[tuple[int, bytes, Foreign], ...] = (
    (0, b"\xffBIOSEMI", Foreign("a BDF recording", True)),
    (0, b"GDF ", Foreign("a GDF recording", True)),
    (128, b"DICM", Foreign("a DICOM file", True)),
    (16, b"SCPECG", Foreign("an SCP-ECG recording", True)),
    (0, b"ISHNE1.0", Foreign("an ISHNE Holter recording", True)),
    (0, b"%PDF-", Foreign("a PDF document")),
    (0, b"\x89PNG\r\n\x1a\n", Foreign("a PNG picture")),
    (0, b"\xff\xd8\xff", Foreign("a JPEG picture")),
    (0, b"GIF8", Foreign("a GIF picture")),
    (0, b"II*\0", Foreign("a TIFF picture")),
    (0, b"MM\0*", Foreign("a TIFF picture")),
    (0, b"\x1f\x8b", Foreign("a gzip archive")),
    (0, b"BZh", Foreign("a bzip2 archive")),
    (0, b"\xfd7zXZ\0", Foreign("an xz archive")),
    (0, b"7z\xbc\xaf\x27\x1c", Foreign("a 7z archive")),
    (0, b"\x89HDF\r\n\x1a\n", Foreign("an HDF5 file")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign("an old Office document, such as .xls")),
    (0, b"PAR1", Foreign("a Parquet table")),
)
_ROOTS = {
    "AnnotatedECG": Foreign("an HL7 aECG recording (XML)", True),
    "RestingECG": Foreign("a GE MUSE recording (XML)", True),
    "restingecgdata": Foreign("a Philips recording (XML)", True),
    "CardiologyXML": Foreign("a GE CardioSoft recording (XML)", True),
}
_ROOT = re.compile(r"<(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)[\s/>]")
_NOT_ROOT = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_XML = Foreign("an XML document")
_EDF_HEADER_BYTES = 256


def recognise(head: bytes) -> Foreign | None:
    """Tell what a file is from its first bytes (`NEEDED_BYTES` are enough); None if it may be read here."""
    for offset, signature, foreign in _SIGNATURES:
        if head.startswith(signature, offset):
            return foreign
    if _is_scp(head):
        return Foreign("an SCP-ECG recording", True)
    if _is_edf(head):
        return Foreign("an EDF+ recording" if head[192:196] == b"EDF+" else "an EDF recording", True)
    return _recognise_xml(head)


def _is_scp(head: bytes) -> bool:
    # The name in the reserved bytes may be left out: the sizes and the first two pointers must fit then.
    if len(head) < 42 or head[8:10] != bytes(2) or head[22:24] != bytes(2) or head[32:34] != b"\1\0":
        return False
    total, size, pointed, index, following = (
        int.from_bytes(head[at : at + 4], "little") for at in (2, 10, 24, 28, 38)
    )
    return size == pointed >= 36 and index == 7 and following == index + size <= total


def _is_edf(head: bytes) -> bool:
    # Many a text begins with "0 ": the size of the header must fit the number of signals too.
    if not head.startswith(b"0       ") or len(head) < _EDF_HEADER_BYTES:
        return False
    size, n_signals = (head[a:b].strip() for a, b in ((184, 192), (252, 256)))
    return size.isdigit() and n_signals.isdigit() and int(size) == _EDF_HEADER_BYTES * (1 + int(n_signals))


def _recognise_xml(head: bytes) -> Foreign | None:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = head[:NEEDED_BYTES].decode(encoding, errors="replace").lstrip()
    if not text.startswith("<"):
        return None
    root = _ROOT.match(_NOT_ROOT.sub("", text).lstrip())
    known = _ROOTS.get(root[1]) if root else None
    return known or (_XML if text.startswith("<?xml") else None)

"""Unique identifiers from what they identify: a UUID below 2.25, which needs no root of its own.

Source: DICOM PS3.5, B.2; ITU-T X.667.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def uid_of(kind: str, content: bytes) -> str:
    """Return the identifier of an object of this kind with this content.

    >>> uid_of("study", b"x") == uid_of("study", b"x") != uid_of("series", b"x")
    True
    """
    digest = hashlib.sha256(kind.encode() + b"\0" + content).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=5).int}"


def digest_of(data_set: Dataset) -> bytes:
    """Return what identifies a data set: the SHA-256 of its encoding."""
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    file = DicomBytesIO()
    file.is_little_endian, file.is_implicit_VR = True, False
    write_dataset(file, data_set)
    return hashlib.sha256(file.getvalue()).digest()


IMPLEMENTATION_CLASS = uid_of("implementation", b"einthoven")
"""What says that this package wrote a file."""

"""What is fuzzed: for each format, what is done with the bytes that the fuzzer makes.

A target returns where the bytes were read, or refused by an `ECGError` in one line; whatever else comes out
of it is a finding.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from unicodedata import category

from einthoven.errors import ECGError, RecordError
from einthoven.formats import read_record
from einthoven.formats.aecg import read_aecg
from einthoven.formats.dicom import read_dicom
from einthoven.formats.edf import read_edf
from einthoven.formats.foreign import NEEDED_BYTES, recognise
from einthoven.formats.given import Given
from einthoven.formats.ishne import read_ishne
from einthoven.formats.limits import Limits
from einthoven.formats.mat import read_mat
from einthoven.formats.muse import read_muse
from einthoven.formats.npy import read_npy, read_npz
from einthoven.formats.philips import read_philips
from einthoven.formats.plausibility import amplitude_doubts
from einthoven.formats.scp import read_scp
from einthoven.formats.sniff import HEAD_BYTES, content_of
from einthoven.formats.table.reading import read_csv
from einthoven.formats.wfdb.annotations import decode_annotations
from einthoven.record import Annotation, Record

LIMITS = Limits(unpacked_bytes=2**25, gap_samples=2**23, samples=2**26)
"""So tight that a reader which keeps to them stays far below what a target may take."""
SEPARATOR = b"\n#--file--\n"
"""Between the files of a WFDB record in one input; in a header it would be a comment."""
FILES = ("x.hea", "x.dat", "x.atr", "a.hea", "a.dat", "b.hea", "b.dat", "layout.hea")
"""What the files of a WFDB record are called, in the order of an input."""
FS = 250.0
LONGEST_MESSAGE = 2000
"""Characters; a message is a line in a terminal."""
_NO_SIGNS = ("Cc", "Zl", "Zp")
"""Controls, such as those that steer a terminal, and ends of lines and paragraphs."""

Read = Callable[[bytes], Record | Annotation]
Target = Callable[[bytes], None]
Reader = Callable[[bytes, Given], Record]


class BrokenPromise(AssertionError):  # noqa: N818
    """What a reader returned or said is not what it may; what that is, then what was found."""

    def __str__(self) -> str:
        """Say both."""
        return f"expected {self.args[0]}, found {self.args[1]!a:.300}"


def reading(reader: Reader) -> Read:
    """Return a function that tells what a file is, and reads it with this reader whatever it is."""

    def read(data: bytes) -> Record:
        content_of(data[:HEAD_BYTES])
        recognise(data[:NEEDED_BYTES])
        given = Given(where="x", name="x", limits=LIMITS)
        record = _first_of(lambda **said: reader(data, replace(given, **said)))
        amplitude_doubts(record, given)
        return record

    return read


def read_whole(data: bytes) -> Record:
    """Read a file as `read_record` does: by its content, looking through gzip."""
    return _first_of(lambda **said: read_record(data, limits=LIMITS, **said))


def read_array(data: bytes, given: Given) -> Record:
    """Read a NumPy file: one array, or an archive of them."""
    return read_npz(data, given) if data.startswith(b"PK") else read_npy(data, given)


def read_wfdb_files(data: bytes) -> Record:
    """Read a WFDB record from a folder that holds the files of one input, see `FILES`."""
    folder = _folder()
    parts = data.split(SEPARATOR)
    for i, name in enumerate(FILES):
        path = folder / name
        if i < len(parts):
            path.write_bytes(parts[i])
        else:
            path.unlink(missing_ok=True)
    return read_record(folder / FILES[0], limits=LIMITS)


def read_marks(data: bytes) -> Annotation:
    """Read an annotation file, whose marks count at the signal's rate or at another."""
    decode_annotations(data, FS, "x.atr", None)
    return decode_annotations(data, 1.5 * FS, "x.atr", FS)


def promised(read: Read) -> Target:
    """Return a target that checks records and messages, and that Python has nothing to warn of."""

    def target(data: bytes) -> None:
        with warnings.catch_warnings(record=True) as leaked:
            warnings.simplefilter("always")
            try:
                found = read(data)
            except ECGError as error:
                if not is_line(str(error)):
                    raise BrokenPromise("one line as a message", str(error)) from error
            else:
                check_record(found)
        if leaked:
            first = leaked[0]
            place = f"{Path(first.filename).stem} {first.lineno}"
            raise BrokenPromise(f"no {first.category.__name__} of {place}", str(first.message))

    return target


def check_record(record: Record | Annotation) -> None:
    """Raise BrokenPromise if a record says something that is no line, or holds a text that is none."""
    if isinstance(record, Annotation):
        return
    for what in ("warnings", "leads"):
        for line in getattr(record, what):
            if not is_line(line):
                raise BrokenPromise(f"a line among the {what}", line)
    for facts in (record.patient, record.recording):
        for name, fact in facts.items():
            if not (isinstance(fact, str) and fact and is_text(fact)):
                raise BrokenPromise(f"a text as {name}", fact)
    for what in ("statements", "comments"):
        for text in getattr(record, what):
            if not is_text(text):
                raise BrokenPromise(f"a text among the {what}", text)
    if record.representative_beat is not None:
        check_record(record.representative_beat)


def is_line(text: str) -> bool:
    """Tell whether a message, or a name, is one line of a length that can be read, and harms no terminal."""
    is_short = 0 < len(text) <= LONGEST_MESSAGE
    return is_short and is_text(text) and not any(category(sign) in _NO_SIGNS for sign in text)


def is_text(text: str) -> bool:
    """Tell whether a text can be written as UTF-8: half a character cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _first_of(read: Callable[..., Record]) -> Record:
    """Read without saying anything; if that is refused, with the rate, then the unit, that may be missing."""
    try:
        return read()
    except RecordError:
        try:
            return read(fs=FS)
        except RecordError:
            return read(fs=FS, units="mV")


@cache
def _folder() -> Path:
    """Return where this process puts the files of a WFDB record, in memory if there is such a place."""
    in_memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(dir=in_memory if in_memory.is_dir() else None)
    atexit.register(shutil.rmtree, folder)
    return Path(folder)


READS: dict[str, Read] = {
    "edf": reading(read_edf),
    "dicom": reading(read_dicom),
    "aecg": reading(read_aecg),
    "muse": reading(read_muse),
    "philips": reading(read_philips),
    "scp": reading(read_scp),
    "ishne": reading(read_ishne),
    "mat": reading(read_mat),
    "npy": reading(read_array),
    "csv": reading(read_csv),
    "gzip": read_whole,
    "wfdb": read_wfdb_files,
    "annotations": read_marks,
}
"""How the bytes of an input are read, by the name of the format."""
TARGETS: dict[str, Target] = {name: promised(read) for name, read in READS.items()}
"""The targets by the name of their format."""

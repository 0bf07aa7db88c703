"""The PhysioNet/CinC Challenge 2017 training set: single-lead recordings of four rhythm classes.

Source: Clifford et al., AF Classification from a Short Single Lead ECG Recording: the PhysioNet/Computing in
Cardiology Challenge 2017, 2017, doi:10.22489/CinC.2017.065-469; https://physionet.org/content/challenge-2017/.
"""

from __future__ import annotations

import re
from pathlib import Path

from einthoven.datasets.dataset import Dataset, Entry, first_few
from einthoven.errors import DatasetError
from einthoven.formats import read_record
from einthoven.formats.listing import Failed, walk
from einthoven.record import Record

CLASSES = ("N", "A", "O", "~")
"""Normal rhythm, atrial fibrillation, other rhythm, too noisy to say."""

REFERENCE = "REFERENCE-v3.csv"
OLDER_REFERENCE = "REFERENCE.csv"

# The publisher's archive unpacks to training2017/A00001.mat; its server has training/A00/A00001.mat.
_BELOW = tuple(
    above + training
    for above in (
        "challenge-2017/1.0.0/",
        "1.0.0/",
        "challenge-2017/",
        "physionet.org/files/challenge-2017/1.0.0/",
        "",
    )
    for training in ("training2017", "training")
)
_RECORD_ID = re.compile(r"[A-Za-z0-9_-]+")


def open_cinc2017(folder: str | Path, *, older_labels: bool = False) -> Dataset:
    """Open the challenge's training set, whole or in part.

    Parameters
    ----------
    folder : the folder `training2017` or any of its parents in PhysioNet's layout
    older_labels : use REFERENCE.csv, the labelling before version 3, instead of REFERENCE-v3.csv

    Returns
    -------
    The recordings that are in the reference and whose header and signal file are both there, in the order
    of the reference. `notes` tells how many are missing, there twice or in folders that cannot be read. The
    data set names no patients.

    Raises
    ------
    DatasetError if there is no such folder, no recording, no reference of the labelling asked for, or if a
    line of the reference is malformed, repeats a recording or holds an unknown label.
    """
    training = find_training_folder(Path(folder))
    reference = _find_reference(training, older_labels)
    labels = _read_reference(reference)
    failed: Failed = []
    copies: set[str] = set()
    headers = _complete_recordings(training, failed, copies)
    present = [name for name in labels if name in headers]
    if not present:
        found = "; ".join(["none", *(reason for _, reason in failed)])
        raise DatasetError(
            f"{training}: expected recordings (.hea and .mat) listed in {reference.name}, found {found}"
        )
    entries = tuple(Entry(name, (labels[name],), source="cinc2017", path=headers[name]) for name in present)
    notes = _notes(set(headers), labels, older_labels, copies)
    notes += tuple(reason for _, reason in failed)
    return Dataset("cinc2017", CLASSES, entries, _read, notes, kind="public")


def find_training_folder(folder: Path) -> Path:
    """Find `training2017` in or below a folder of PhysioNet's layout.

    Raises DatasetError if the folder does not exist or holds neither recordings nor a reference.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: expected a folder with the CinC 2017 training set, found none")
    for below in _BELOW:
        if (folder / below).is_dir():
            return folder / below
    references = [place / name for place in (folder, folder.parent) for name in (REFERENCE, OLDER_REFERENCE)]
    if any(reference.is_file() for reference in references) or any(folder.glob("A*.hea")):
        return folder
    raise DatasetError(
        f"{folder}: expected training2017 in it or below it, found neither recordings nor {REFERENCE}"
    )


def _find_reference(training: Path, older_labels: bool) -> Path:
    # PhysioNet serves REFERENCE-v3.csv beside training2017; others keep it inside.
    wanted = OLDER_REFERENCE if older_labels else REFERENCE
    for place in (training, training.parent):
        if (place / wanted).is_file():
            return place / wanted
    if not older_labels and (training / OLDER_REFERENCE).is_file():
        raise DatasetError(
            f"{training}: expected {REFERENCE} (the challenge's final labels) in it or beside it, found only "
            f"{OLDER_REFERENCE}, which may hold older labels: fetch {REFERENCE}, or ask for older_labels"
        )
    raise DatasetError(f"{training}: expected {wanted} in it or beside it, found none")


def _read_reference(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: expected a table of records and labels, found: {error}") from error
    labels: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        name, _, label = (part.strip() for part in line.partition(","))
        if not _RECORD_ID.fullmatch(name):
            raise DatasetError(f"{where}: expected a record name such as A00001, found {name!r}")
        if label not in CLASSES:
            raise DatasetError(f"{where}: expected a label among {', '.join(CLASSES)}, found {label!r}")
        if name in labels:
            raise DatasetError(f"{where}: expected each record once, found {name} again")
        labels[name] = label
    return labels


def _complete_recordings(training: Path, failed: Failed, copies: set[str]) -> dict[str, Path]:
    """Find header and signal file of each recording; what is there again, further down, goes to `copies`."""
    headers: dict[str, Path] = {}
    for folder, names in walk(training, failed):
        there = set(names)
        for name in names:
            record_id = name.removesuffix(".hea")
            if record_id != name and f"{record_id}.mat" in there:
                if record_id in headers:
                    copies.add(record_id)
                headers.setdefault(record_id, folder / name)
    return headers


def _notes(
    present: set[str], labels: dict[str, str], older_labels: bool, copies: set[str]
) -> tuple[str, ...]:
    notes = []
    if older_labels:
        notes.append(f"labels of {OLDER_REFERENCE}, not of the challenge's final {REFERENCE}")
    if missing := [name for name in labels if name not in present]:
        share = f"{len(missing)} of the {len(labels)} recordings in the reference"
        notes.append(f"{share} are not in the folder: {first_few(missing)}")
    if unlabelled := sorted(present - labels.keys()):
        notes.append(f"{len(unlabelled)} recordings in the folder are not in the reference and are left out: "
                     f"{first_few(unlabelled)}")  # fmt: skip
    if copies:
        notes.append(f"{len(copies)} recordings are in the folder more than once, of which the uppermost is "
                     f"taken: {first_few(sorted(copies))}")  # fmt: skip
    return tuple(notes)


def _read(entry: Entry) -> Record:
    assert entry.path is not None
    return read_record(entry.path)

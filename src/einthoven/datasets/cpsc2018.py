"""The China Physiological Signal Challenge 2018: 6,877 twelve-lead recordings of up to three of nine classes.

Source: Liu et al., An Open Access Database for Evaluating the Algorithms of Electrocardiogram Rhythm and
Morphology Abnormality Detection, 2018, doi:10.1166/jmihi.2018.2442. Three packagings are read: the original
(A0001.mat with a structure ECG, and REFERENCE.csv with up to three numbers of classes), and two of the
PhysioNet/CinC Challenge 2020 (A0001.hea and A0001.mat), whose `#Dx:` holds names of classes at first (`AF`),
SNOMED CT codes later.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from einthoven.datasets.challenge_headers import ChallengeHeaders, read_twelve
from einthoven.datasets.dataset import Dataset, Entry, first_few
from einthoven.datasets.layout import find_project
from einthoven.errors import DatasetError
from einthoven.formats.listing import walk
from einthoven.metrics.cpsc2018 import CLASSES

CODES: Mapping[str, str] = MappingProxyType(
    {
        "Normal": "426783006",
        "AF": "164889003",
        "I-AVB": "270492004",
        "LBBB": "164909002",
        "RBBB": "59118001",
        "PAC": "284470004",
        "PVC": "164884008",
        "STD": "429622005",
        "STE": "164931005",
    }
)
"""The SNOMED CT code that the challenge of 2020 gave to each class. Those of PVC (ventricular ectopics), STD
and STE are not among its scored ones."""

REFERENCE = "REFERENCE.csv"
FOLDERS = ("cpsc_2018", "cpsc_2018_text", "cpsc2018", "CPSC2018", "Training_WFDB")
"""Names that the data set's folder has, in the order in which its copies are preferred."""

ARCHIVES: Mapping[str, str] = MappingProxyType(
    {
        "challenge-2020": "classification-of-12-lead-ecgs",
        "challenge-2021": "will-two-do-varying-dimensions-in-electrocardiography",
    }
)
"""Projects of PhysioNet that hold it, and what the names of their unpacked archives begin with."""

_RECORD_ID = re.compile(r"A\d{4}", re.ASCII)
_FILES = ("A[0-9][0-9][0-9][0-9].hea", "A[0-9][0-9][0-9][0-9].mat")
_NUMBER = re.compile(r"([1-9])(?:\.0*)?", re.ASCII)
_N_LABELS = 3


def open_cpsc2018(folder: str | Path) -> Dataset:
    """Open the challenge's training set in any of its packagings, whole or in part.

    Parameters
    ----------
    folder : the folder with the recordings, or one above it in PhysioNet's layout

    Returns
    -------
    The recordings by name, each once; where several packagings have one, those with a header come first, of
    these SNOMED CT. Labels are in the order in which they are stated: the first is the publisher's first. No
    patients are known. `notes` tells what is left out: without header or row of the reference, without signal
    file, with a diagnosis that is none of the nine.

    Raises
    ------
    DatasetError if there is no such folder or recording, or if a row of REFERENCE.csv is malformed, holds an
    unknown class, or says otherwise of a recording than another.
    """
    places = find_cpsc2018(Path(folder))
    if not places:
        raise DatasetError(f"{folder}: expected CPSC 2018 in it or below it, found no recordings such as "
                           f"A0001.hea, or A0001.mat and {REFERENCE}")  # fmt: skip
    headers = ChallengeHeaders(places, _RECORD_ID)
    reference = _read_references(places)
    entries = _labelled_entries(headers)
    listed = [name for name in reference if name in headers.headless and name not in entries]
    for name in listed:
        entries[name] = Entry(name, reference[name], source="cpsc2018", path=headers.headless[name])
    known = set(headers.headless) | {path.stem for place in places for path in _files(place)}
    notes = (*headers.notes, *_reference_notes(reference, known, set(headers.headless) - set(entries)))
    if not entries:
        found = "; ".join(("none", *notes))
        raise DatasetError(f"{folder}: expected recordings of CPSC 2018 with labels, found {found}")
    by_name = tuple(entries[name] for name in sorted(entries))
    return Dataset("cpsc2018", CLASSES, by_name, read_twelve, notes, kind="public")


def find_cpsc2018(folder: Path) -> tuple[Path, ...]:
    """Find the folders that hold the data set: those below that are named as it is, or the folder itself."""
    projects = (find_project(folder, *names, _is_above) for names in ARCHIVES.items())
    above = dict.fromkeys(place for place in (folder, *projects) if place is not None)
    bases = [base for place in above for base in (place, place / "training")]
    named = [base / name for base in bases for name in FOLDERS if _holds_recordings(base / name)]
    return tuple(dict.fromkeys(named)) or ((folder,) if _holds_recordings(folder) else ())


def _is_above(place: Path) -> bool:
    return any(_holds_recordings(place / "training" / name) for name in FOLDERS)


def _holds_recordings(place: Path) -> bool:
    return next(_files(place), None) is not None


def _files(place: Path) -> Iterator[Path]:
    # In the original, below TrainingSet1 to 3; in PhysioNet's layout, below g1 and so on.
    for pattern in _FILES:
        yield from place.glob(pattern)
        yield from place.glob(f"*/{pattern}")


def _labelled_entries(headers: ChallengeHeaders) -> dict[str, Entry]:
    classes = {code: name for name, code in CODES.items()} | {name.casefold(): name for name in CODES}
    entries = {}
    for found in headers.labelled:
        labels = tuple(classes.get(stated.casefold(), "") for stated in found.diagnoses)
        if "" in labels:
            unknown = found.diagnoses[labels.index("")]
            headers.left_out["state a diagnosis that is none of the nine"].append(
                f"{found.record_id}: {unknown:.40}"
            )
            continue
        entries[found.record_id] = Entry(
            found.record_id, tuple(dict.fromkeys(labels)), source="cpsc2018", path=found.path
        )
    return entries


def _read_references(places: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    """Return the labels of each recording of every REFERENCE.csv; none where there is no such table."""
    labels: dict[str, tuple[str, ...]] = {}
    for place in places:
        for folder, names in walk(place, []):
            if REFERENCE not in names:
                continue
            for where, name, row in _rows(folder / REFERENCE):
                if labels.setdefault(name, row) != row:
                    raise DatasetError(f"{where}: expected each recording once, found {name} again")
    return labels


def _rows(path: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Read a table `Recording,First_label,Second_label,Third_label`: where, the name, the classes."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: expected a table of recordings and labels, found: {error}") from error
    for number, cells in enumerate(csv.reader(lines), 1):
        name, *stated = (cell.strip() for cell in cells or [""])
        if not any((name, *stated)) or (number == 1 and name.casefold() == "recording"):
            continue
        where = f"{path}, line {number}"
        if not _RECORD_ID.fullmatch(name):
            raise DatasetError(f"{where}: expected a recording such as A0001, found {name!r:.60}")
        numbers = [cell for cell in stated if cell.casefold() not in ("", "nan")]
        found = [_NUMBER.fullmatch(cell) for cell in numbers]
        if not 0 < len(found) <= _N_LABELS or None in found:
            raise DatasetError(f"{where}: expected 1 to {_N_LABELS} classes from 1 to 9, "
                               f"found {','.join(stated)!r:.60}")  # fmt: skip
        yield where, name, tuple(dict.fromkeys(CLASSES[int(match[1]) - 1] for match in found if match))


def _reference_notes(
    reference: Mapping[str, tuple[str, ...]], known: set[str], unlabelled: set[str]
) -> tuple[str, ...]:
    notes = []
    if missing := [name for name in reference if name not in known]:
        share = f"{len(missing)} of the {len(reference)} recordings in {REFERENCE}"
        notes.append(f"{share} are not in the folder: {first_few(missing)}")
    if unlabelled:
        notes.append(f"{len(unlabelled)} signal files have neither a header nor a row in {REFERENCE} and are "
                     f"left out: {first_few(sorted(unlabelled))}")  # fmt: skip
    return tuple(notes)

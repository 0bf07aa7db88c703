"""The PTB Diagnostic ECG Database: 549 recordings of 15 leads at 1000 Hz, of which infarction and health.

Source: R. Bousseljot, D. Kreiseler and A. Schnabel, Nutzung der EKG-Signaldatenbank CARDIODAT der PTB über
das Internet, 1995, DOI 10.1515/bmte.1995.40.s1.317; https://physionet.org/content/ptbdb/1.0.0/.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from einthoven.datasets.dataset import Dataset, Entry, first_few
from einthoven.datasets.layout import find_project, is_file
from einthoven.errors import DatasetError, FormatError
from einthoven.formats import read_record
from einthoven.formats.listing import Failed, walk
from einthoven.formats.wfdb.header import Header, read_header
from einthoven.record import Record

CLASSES = ("NORM", "MI")
"""Healthy control, myocardial infarction: named as in PTB-XL, so that one network knows both."""

DIAGNOSES: Mapping[str, str] = MappingProxyType({"healthy control": "NORM", "myocardial infarction": "MI"})
"""Reason for admission, in small letters, to its class; recordings of any other are left out."""

RECORDS = "RECORDS"
_PATIENT = re.compile(r"patient\d+", re.ASCII)
_REASON = re.compile(r"reason for admission:\s*(.*)", re.IGNORECASE)

_LeftOut = dict[str, list[str]]
"""Why recordings are left out, and their names."""


def open_ptbdb(folder: str | Path) -> Dataset:
    """Open the database, whole or in part.

    Parameters
    ----------
    folder : the folder with the patients' folders or any of its parents in PhysioNet's layout

    Returns
    -------
    The recordings of infarction and of health, named as in RECORDS (`patient001/s0010_re`), in order. Each is
    of the patient whose folder it is in. `notes` tells how many are left out: of other diagnoses, not there,
    without a signal file, or with a header that cannot be read.

    Raises
    ------
    DatasetError if there is no such folder, or no recording of the two in it.
    """
    place = find_ptbdb(Path(folder))
    if place is None:
        raise DatasetError(f"{folder}: expected the PTB Diagnostic ECG Database in it or below it, "
                           "found no recordings in folders such as patient001")  # fmt: skip
    failed: Failed = []
    left_out: _LeftOut = defaultdict(list)
    others: Counter[str] = Counter()
    entries: list[Entry] = []
    headers = _headers(place, failed)
    for path in headers:
        name = _name(path, place)
        header = _complete_header(path, name, left_out)
        if header is None:
            continue
        reason = _reason(header)
        if (label := DIAGNOSES.get(reason.casefold())) is None:
            others[reason or "not stated"] += 1
            continue
        entries.append(Entry(name, (label,), path.parent.name, source="ptbdb", path=path))
    notes = _notes(left_out, others, _unlisted(place, headers))
    notes += tuple(reason for _, reason in failed)
    if not entries:
        found = "; ".join(("none", *notes))
        raise DatasetError(f"{place}: expected recordings of infarction or healthy controls, found {found}")
    return Dataset("ptbdb", CLASSES, tuple(entries), _read, notes, kind="public")


def find_ptbdb(folder: Path) -> Path | None:
    """Find the folder that holds the patients' folders, or None: the folder itself or one below it."""
    return find_project(
        folder,
        "ptbdb",
        "ptb-diagnostic-ecg-database",
        lambda place: next(place.glob("patient[0-9]*/*.hea"), None) is not None,
    )


def _headers(place: Path, failed: Failed) -> list[Path]:
    return sorted(
        folder / name
        for folder, names in walk(place, failed)
        if _PATIENT.fullmatch(folder.name)
        for name in names
        if name.endswith(".hea")
    )


def _complete_header(path: Path, name: str, left_out: _LeftOut) -> Header | None:
    """Read the header of a recording whose signal files are all there; else say why it is left out."""
    try:
        header = read_header(path)
    except (FormatError, OSError):
        left_out["have a header that cannot be read"].append(name)
        return None
    # Twelve leads in .dat, Frank's three in .xyz.
    missing = {line.file_name for line in header.signals if not is_file(path.parent / line.file_name)}
    if missing:
        endings = " or ".join(sorted({Path(file).suffix for file in missing}))
        left_out[f"lack the signal file {endings}"].append(name)
        return None
    return header


def _reason(header: Header) -> str:
    """Return the reason for admission; empty where the header states none."""
    found = (_REASON.fullmatch(comment) for comment in header.comments)
    return next((match[1].strip() for match in found if match), "")


def _unlisted(place: Path, headers: list[Path]) -> tuple[list[str], int]:
    """Return the recordings of the publisher's list that are not there, and how many it lists."""
    try:
        listed = (place / RECORDS).read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return [], 0
    there = {_name(path, place) for path in headers}
    return [name for name in listed if name not in there], len(listed)


def _notes(left_out: _LeftOut, others: Counter[str], unlisted: tuple[list[str], int]) -> tuple[str, ...]:
    notes = []
    missing, n_listed = unlisted
    if missing:
        share = f"{len(missing)} of the {n_listed} recordings in {RECORDS}"
        notes.append(f"{share} are not in the folder: {first_few(missing)}")
    for why, names in left_out.items():
        notes.append(f"recordings left out, as they {why}: {len(names)} ({first_few(names)})")
    if others:
        most = [f"{reason} {count}" for reason, count in others.most_common()]
        notes.append(f"recordings left out, as they are of other diagnoses: {others.total()} "
                     f"({first_few(most)})")  # fmt: skip
    return tuple(notes)


def _name(path: Path, place: Path) -> str:
    return path.relative_to(place).with_suffix("").as_posix()


def _read(entry: Entry) -> Record:
    assert entry.path is not None
    return read_record(entry.path)

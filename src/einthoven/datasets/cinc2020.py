"""The PhysioNet/CinC Challenges 2020 and 2021: twelve-lead recordings of eight sources, with SNOMED CT codes.

Source: Perez Alday et al. 2020, Physiological Measurement 41(12), 124003, doi:10.1088/1361-6579/abc960; Reyna
et al. 2021, Computing in Cardiology 48, doi:10.23919/CinC53138.2021.9662687. The classes are the 24 of 2020.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate
from pathlib import Path

from einthoven.datasets.challenge_headers import ChallengeHeaders, Labelled, read_twelve
from einthoven.datasets.challenge_sources import SourceFolder, find_sources, naming_advice, unnamed_recordings
from einthoven.datasets.cpsc2018 import CODES as CPSC_CODES
from einthoven.datasets.dataset import Dataset, Entry, first_few
from einthoven.datasets.ptbxl import find_ptbxl, read_patients
from einthoven.errors import DatasetError
from einthoven.metrics.cinc2020 import CLASSES, SCORED_CLASSES, SYNONYMS

# fmt: off
INCART_RECORDINGS = (
    2, 3, 2, 1, 3, 3, 1, 2, 2, 3, 2, 2, 2, 4, 2, 3, 2, 2, 2, 3, 2, 2, 3, 3, 2, 3, 3, 3, 2, 2, 2, 2,
)
# fmt: on
"""How many of I01 to I75 are of patient 1, 2, ... 32, one after the other: files-patients-diagnoses.txt at
https://physionet.org/content/incartdb/1.0.0/."""

_CODE = re.compile(r"\d{6,18}", re.ASCII)
_LEVELS_ABOVE = 4
"""Folders above a source where PTB-XL may lie: training, the version, the project, that of all projects."""
_NUMBERED = re.compile(r"(?:HR|I)0*(\d+)", re.ASCII)


def open_cinc2020(folder: str | Path, *, synonyms: bool = False, ptbxl: str | Path | None = None) -> Dataset:
    """Open the challenges' training sets, whole or in part, as one data set of the 24 classes of 2020.

    A recording has the classes that any of its codes stands for; none where none of them is scored. All codes
    of a recording, scored or not, are `stated_diagnoses(dataset.read(i).comments)`. Names of CPSC 2018's
    classes count as the codes that the challenge gave to them.

    Parameters
    ----------
    folder : a source's folder, the folder of several, or one above it in PhysioNet's layout; or one of any
        name with recordings that are called as those of their sources are, see `find_sources`
    synonyms : count the codes of `SYNONYMS` as the classes that they mean
    ptbxl : where ptbxl_database.csv lies, which tells the patients of HR00001 and so on; if not given, it is
        looked for in `folder`, in the four folders above each source, and below these

    Returns
    -------
    The recordings of each source in turn, by name. `source` is the source's name; the patient is known in
    INCART, and in PTB-XL where its table has the recording. `notes` tells what is left out.

    Raises
    ------
    DatasetError if there is no such folder, or no recording with a diagnosis in it.
    """
    places = find_sources(Path(folder))
    if not places:
        raise DatasetError(f"{folder}: expected sources of the CinC Challenge 2020 in it or below it, "
                           f"such as training/georgia, found none{naming_advice(Path(folder))}")  # fmt: skip
    patients = _ptbxl_patients(Path(folder) if ptbxl is None else Path(ptbxl), places)
    classes = _classes(synonyms)
    entries: dict[str, Entry] = {}
    notes: list[str] = []
    for source in dict.fromkeys(place.source for place in places):
        own = [place for place in places if place.source == source]
        headers = ChallengeHeaders([place.path for place in own], own[0].record_id)
        if headers.headless:
            headers.left_out["have no header"] += sorted(headers.headless)
        for found in sorted(headers.labelled, key=lambda labelled: labelled.record_id):
            labels = _labels(found, classes, headers)
            if found.record_id in entries:
                headers.left_out["are in another source too"].append(found.record_id)
            elif labels is not None:
                patient = _patient(source, found.record_id, patients)
                entries[found.record_id] = Entry(
                    found.record_id, labels, patient, source=source, path=found.path
                )
        notes += [f"{source}: {note}" for note in headers.notes]
    if not entries:
        raise DatasetError(
            f"{folder}: expected recordings with diagnoses, found {'; '.join(['none', *notes])}"
        )
    notes += [*_told_by_names(places), *_unknown_patients(entries)]
    return Dataset("cinc2020", CLASSES, tuple(entries.values()), read_twelve, tuple(notes), kind="public")


def _classes(synonyms: bool) -> dict[str, str]:
    """Return the class that each code counts as."""
    scored = {code: scored.abbreviations[0] for scored in SCORED_CLASSES for code in scored.codes}
    return scored | (dict(SYNONYMS) if synonyms else {})


def _labels(found: Labelled, classes: Mapping[str, str], headers: ChallengeHeaders) -> tuple[str, ...] | None:
    """Return a recording's classes in their order; None, and why, if a diagnosis is no code."""
    by_name = {name.casefold(): code for name, code in CPSC_CODES.items()}
    codes = [by_name.get(stated.casefold(), stated) for stated in found.diagnoses]
    if unknown := [code for code in codes if not _CODE.fullmatch(code)]:
        headers.left_out["state a diagnosis that is no SNOMED CT code"].append(
            f"{found.record_id}: {unknown[0]:.40}"
        )
        return None
    has = {classes[code] for code in codes if code in classes}
    return tuple(name for name in CLASSES if name in has)


def _patient(source: str, record_id: str, ptbxl: Mapping[str, str]) -> str | None:
    match = _NUMBERED.fullmatch(record_id)
    if match is None or source not in ("ptb-xl", "st_petersburg_incart"):
        return None
    if source == "ptb-xl":
        return ptbxl.get(match[1])
    last = list(accumulate(INCART_RECORDINGS))
    number = bisect_left(last, int(match[1])) + 1
    return f"incart-{number:02d}" if 0 < int(match[1]) <= last[-1] else None


def _told_by_names(places: Iterable[SourceFolder]) -> list[str]:
    """Say which sources were told by the names of recordings, and which recordings have others."""
    unnamed = [place for place in places if not place.is_named]
    if not unnamed:
        return []
    folder = unnamed[0].path
    notes = [f"{folder.name} is no source's name: {', '.join(place.source for place in unnamed)} told by the "
             "names of the recordings"]  # fmt: skip
    if others := unnamed_recordings(folder):
        notes.append(f"recordings left out, as they are called as no source's are: {len(others)} "
                     f"({first_few(others)})")  # fmt: skip
    return notes


def _ptbxl_patients(folder: Path, places: Iterable[SourceFolder]) -> dict[str, str]:
    """Return the patient of each recording of PTB-XL, by its number; none where its table is not at hand."""
    above = [parent for place in places for parent in place.path.parents[:_LEVELS_ABOVE]]
    for place in dict.fromkeys((folder, *above)):
        if (found := find_ptbxl(place)) is not None:
            return read_patients(found)
    return {}


def _unknown_patients(entries: Mapping[str, Entry]) -> list[str]:
    of_ptbxl = [entry for entry in entries.values() if entry.source == "ptb-xl"]
    unknown = [entry.record_id for entry in of_ptbxl if entry.patient is None]
    if not unknown:
        return []
    return [f"ptb-xl: the patients of {len(unknown)} of {len(of_ptbxl)} recordings are not known, as they "
            f"are in no ptbxl_database.csv at hand: {first_few(unknown)}"]  # fmt: skip

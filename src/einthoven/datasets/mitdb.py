"""The MIT-BIH Arrhythmia Database: 48 half-hour recordings of two leads, each beat annotated.

Source: G. B. Moody and R. G. Mark, The impact of the MIT-BIH Arrhythmia Database, 2001,
DOI 10.1109/51.932724; https://physionet.org/content/mitdb/1.0.0/.
Division into DS1 and DS2: P. de Chazal, M. O'Dwyer and R. B. Reilly, 2004, DOI 10.1109/TBME.2004.827359.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from einthoven.aami import CLASSES
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.layout import find_project, is_file
from einthoven.errors import DatasetError, SettingsError
from einthoven.formats import read_record
from einthoven.record import Record

DS1 = (
    "101", "106", "108", "109", "112", "114", "115", "116", "118", "119", "122",
    "124", "201", "203", "205", "207", "208", "209", "215", "220", "223", "230",
)  # fmt: skip
DS2 = (
    "100", "103", "105", "111", "113", "117", "121", "123", "200", "202", "210",
    "212", "213", "214", "219", "221", "222", "228", "231", "232", "233", "234",
)  # fmt: skip
PACED = ("102", "104", "107", "217")
"""EC57: recordings with a pacemaker are left out where beats are classified."""

SAME_PATIENT = MappingProxyType({"202": "201"})
"""Recordings 201 and 202 are of one patient, and stand in DS1 and DS2; all others are of a patient each."""

_DS1_WITHOUT_201 = tuple(name for name in DS1 if name != "201")

PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "all": tuple(sorted((*DS1, *DS2, *PACED))),
        "ds1": _DS1_WITHOUT_201,
        "ds1-classical": DS1,
        "ds2": DS2,
        "paced": PACED,
        "inter-patient": (*_DS1_WITHOUT_201, *DS2),
        "inter-patient-classical": (*DS1, *DS2),
    }
)
"""`ds1` shares no patient with `ds2`; `ds1-classical`, as in most papers, shares one (201 and 202)."""

TWO_SIDED = ("inter-patient", "inter-patient-classical")
"""Parts whose folds are the division of de Chazal et al.: 1 trains, 2 tests."""


def open_mitdb(folder: str | Path, part: str = "") -> Dataset:
    """Open the database, whole or in part.

    A recording as a whole has no label: its beats do, see `einthoven.aami.beats_of`. The fold of a recording
    is 1 in DS1 and 2 in DS2. Most recordings have lead MLII first; `record.for_model(("MLII",))` gives it, or
    the first lead of those without.

    Parameters
    ----------
    folder : the folder with the recordings or any of its parents in PhysioNet's layout
    part : one of `PARTS`, see `take_part`; empty for everything as it is published

    Returns
    -------
    The recordings that are in the folder, in order. `notes` tells how many are missing.

    Raises
    ------
    SettingsError if there is no such part.
    DatasetError if there is no such folder or no recording of the part in it. Reading a recording raises it
    if its annotations are missing, damaged, or of a longer recording.
    """
    if part and part not in PARTS:
        raise SettingsError(f"mitdb: expected a part among {', '.join(PARTS)}, found {part!r}")
    place = find_mitdb(Path(folder))
    if place is None:
        raise DatasetError(f"{folder}: expected the MIT-BIH Arrhythmia Database in it or below it, "
                           f"found no recordings such as {PARTS['all'][0]}.hea")  # fmt: skip
    everything = PARTS["all"]
    names = [name for name in everything if _is_complete(place, name)]
    if not names:
        raise DatasetError(f"{place}: expected recordings (.hea, .dat, .atr), found none complete")
    entries = tuple(
        Entry(
            name,
            (),
            patient=SAME_PATIENT.get(name, name),
            fold=1 if name in DS1 else 2 if name in DS2 else None,
            source="mitdb",
            path=place / f"{name}.hea",
        )
        for name in names
    )
    missing = len(everything) - len(names)
    notes = (f"{missing} of the {len(everything)} recordings are not in the folder",) if missing else ()
    dataset = Dataset("mitdb", CLASSES, entries, _read, notes, kind="public")
    return take_part(dataset, part) if part else dataset


def find_mitdb(folder: Path) -> Path | None:
    """Find the folder that holds the recordings, or None: the folder itself or one below it."""
    title = "mit-bih-arrhythmia-database"
    return find_project(
        folder, "mitdb", title, lambda place: any(is_file(place / f"{name}.hea") for name in PARTS["all"])
    )


def take_part(dataset: Dataset, part: str) -> Dataset:
    """Return the recordings of one of `PARTS`, in its order.

    `inter-patient` keeps the division into DS1 (fold 1, to train) and DS2 (fold 2, to test), without 201.
    `inter-patient-classical` keeps 201, whose patient is that of 202: as the division is by recording, the
    patients are stated as two, and `notes` tells. The other parts state no fold: patients are dealt to folds.

    Raises DatasetError if no recording of the part, or of one side of it, is there.
    """
    is_two_sided = part in TWO_SIDED
    there = {entry.record_id: entry for entry in dataset.entries}
    entries = [there[name] for name in PARTS[part] if name in there]
    sides = ("ds1", "ds2") if is_two_sided else (part,)
    for side in sides:
        if not any(entry.record_id in PARTS[side] for entry in entries):
            raise DatasetError(f"mitdb: expected recordings of {side} (.hea, .dat, .atr), such as "
                               f"{PARTS[side][0]}, found none")  # fmt: skip
    notes = list(dataset.notes)
    if missing := len(PARTS[part]) - len(entries):
        notes.append(f"{missing} of the {len(PARTS[part])} recordings of {part} are not there")
    if not is_two_sided:
        entries = [replace(entry, fold=None) for entry in entries]
    if part == "ds1-classical":
        notes.append("recording 201 is of the patient of 202, which is in ds2")
    if part == "inter-patient-classical":
        entries = [replace(entry, patient=entry.record_id) for entry in entries]
        notes.append("recordings 201 (ds1, to train) and 202 (ds2, to test) are of one patient, counted as "
                     "two: not a division by patient")  # fmt: skip
    return replace(dataset, entries=tuple(entries), notes=tuple(notes))


def _is_complete(place: Path, name: str) -> bool:
    return all(is_file(place / f"{name}.{ending}") for ending in ("hea", "dat", "atr"))


def _read(entry: Entry) -> Record:
    assert entry.path is not None
    record = read_record(entry.path)
    where = entry.path.with_suffix(".atr")
    if record.annotations is None:
        reason = record.warnings[-1] if record.warnings else "no annotation file"
        raise DatasetError(f"{where}: expected annotated beats, found none: {reason}")
    samples = record.annotations.samples
    if len(samples) and samples[-1] >= record.n_samples:
        raise DatasetError(
            f"{where}: expected annotations within {record.n_samples} samples, found one at {samples[-1]}: "
            "is it of another recording?"
        )
    return record

"""Labelled recordings: public data sets, folders of one's own, and the store that prepares any of them."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from einthoven.datasets.beat_rows import is_beat_table
from einthoven.datasets.beat_tables import find_beat_tables, open_beat_tables
from einthoven.datasets.challenge_headers import stated_diagnoses
from einthoven.datasets.challenge_sources import find_sources, naming_advice
from einthoven.datasets.cinc2017 import OLDER_REFERENCE, REFERENCE, find_training_folder, open_cinc2017
from einthoven.datasets.cinc2020 import open_cinc2020
from einthoven.datasets.cpsc2018 import find_cpsc2018, open_cpsc2018
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.folder import LABEL_TABLE, open_folder
from einthoven.datasets.layout import is_file
from einthoven.datasets.leakage import check_apart
from einthoven.datasets.mitdb import find_mitdb, open_mitdb
from einthoven.datasets.parts import parts_of, select_part
from einthoven.datasets.ptbdb import find_ptbdb, open_ptbdb
from einthoven.datasets.ptbxl import find_ptbxl, open_ptbxl
from einthoven.datasets.store import Store, is_store, open_store, write_store
from einthoven.datasets.twelve_leads import open_twelve_leads
from einthoven.errors import DatasetError, SettingsError
from einthoven.formats import find_records

__all__ = [
    "BEATS_OF",
    "COMBINED",
    "DATASETS",
    "LABEL_TABLE",
    "Dataset",
    "Entry",
    "Store",
    "check_apart",
    "data_sets_in",
    "open_beat_tables",
    "open_cinc2017",
    "open_cinc2020",
    "open_cpsc2018",
    "open_data",
    "open_folder",
    "open_mitdb",
    "open_ptbdb",
    "open_ptbxl",
    "open_store",
    "open_twelve_leads",
    "parts_of",
    "select_part",
    "stated_diagnoses",
    "write_store",
]

DATASETS: Mapping[str, Callable[[str | Path], Dataset]] = MappingProxyType(
    {
        "cinc2017": open_cinc2017,
        "cinc2020": open_cinc2020,
        "cpsc2018": open_cpsc2018,
        "mitdb": open_mitdb,
        "mitdb-beats": partial(open_beat_tables, of="mitdb-beats"),
        "ptbdb": open_ptbdb,
        "ptbdb-beats": partial(open_beat_tables, of="ptbdb-beats"),
        "ptbxl": open_ptbxl,
        "twelve-leads": open_twelve_leads,
    }
)
"""What opens each public data set from its folder or a parent of it, in PhysioNet's layout."""

BEATS_OF: Mapping[str, str] = MappingProxyType({"mitdb": "mitdb-beats", "ptbdb": "ptbdb-beats"})
"""The ready-made beat tables of a database, which may stand in its place."""

COMBINED: Mapping[str, tuple[str, ...]] = MappingProxyType({"twelve-leads": ("ptbxl", "cinc2020")})
"""The data sets that one is made of; it is where any of them is."""


def open_data(
    path: str | Path,
    dataset: str = "cinc2017",
    *,
    fs: float | None = None,
    units: str | None = None,
    leads: tuple[str, ...] | None = None,
) -> Dataset:
    """Open whatever a path holds: a store, one's own recordings with a label table, or a public data set.

    Parameters
    ----------
    path : a store; a folder with `labels.csv`, or that table itself; a public data set's folder or a parent
        of it, where others may be too; a ready-made beat table, or a folder with such
    dataset : name of the public data set expected where the path is neither of the others; where the database
        of beat tables is not there, they take its place
    fs, units, leads : of one's own recordings that do not state them, see `open_folder`

    Raises
    ------
    SettingsError if there is no data set of that name, or if fs, units or leads are given for anything else
    than one's own recordings, which states them.
    DatasetError if the path is none of these, or is one with a fault; of recordings without a table it names
    the table that is missing, of another public data set its name.
    """
    if dataset not in DATASETS:
        raise SettingsError(f"expected a data set among {', '.join(DATASETS)}, found {dataset!r}")
    place = Path(path)
    if not place.exists():
        raise DatasetError(f"{place}: expected a folder of recordings or a store, found nothing there")
    if place.is_file() and not is_beat_table(place):
        return open_folder(place.parent, place, fs=fs, units=units, leads=leads)
    if (place / LABEL_TABLE).is_file() and not is_store(place):
        return open_folder(place, fs=fs, units=units, leads=leads)
    opener = _opener(place, dataset)
    if (fs, units, leads) != (None, None, None):
        raise SettingsError(f"{place}: expected fs, units and leads for a folder with {LABEL_TABLE} only: "
                            "a store and a public data set state them")  # fmt: skip
    return opener(place)


def _opener(place: Path, dataset: str) -> Callable[[str | Path], Dataset]:
    """Return what opens a store, a beat table, or the folder of a public data set.

    Raises DatasetError if the folder holds another data set, or recordings but no data set.
    """
    if place.is_file():
        # A table's own name says what it is of, unless it is expected to be of another.
        of = BEATS_OF.get(dataset, dataset)
        return partial(open_beat_tables, of=of if of in BEATS_OF.values() else None)
    if is_store(place):
        return open_store
    there = data_sets_in(place)
    if any(name in there for name in COMBINED.get(dataset, ())):
        return DATASETS[dataset]
    for name in (dataset, BEATS_OF.get(dataset)):
        if name in there:
            return DATASETS[name]
    if there:
        raise DatasetError(f"{place}: expected the data set {dataset}, found {', '.join(there)}")
    if find_records(place).records:
        advice = naming_advice(place) if "cinc2020" in (dataset, *COMBINED.get(dataset, ())) else ""
        raise DatasetError(
            f"expected {LABEL_TABLE} in {place}, found none, nor the data set {dataset}{advice}"
        )
    return DATASETS[dataset]


def data_sets_in(folder: str | Path) -> tuple[str, ...]:
    """Return the names of the public data sets that are in a folder or below it.

    Where CPSC 2018 lies in the challenges' layout it is a source of cinc2020 too: both are named.
    """
    return tuple(name for name, is_in in _IS_IN.items() if is_in(Path(folder)))


def _is_cinc2017_in(place: Path) -> bool:
    try:
        training = find_training_folder(place)
    except DatasetError:
        return False
    # A folder `training` may be anything.
    references = (
        above / name for above in (training, training.parent) for name in (REFERENCE, OLDER_REFERENCE)
    )
    return any(map(is_file, references)) or any(training.glob("A*.hea")) or any(training.glob("A*/A*.hea"))


_IS_IN: Mapping[str, Callable[[Path], bool]] = MappingProxyType(
    {
        "cinc2017": _is_cinc2017_in,
        "cinc2020": lambda place: bool(find_sources(place)),
        "cpsc2018": lambda place: bool(find_cpsc2018(place)),
        "mitdb": lambda place: find_mitdb(place) is not None,
        "mitdb-beats": lambda place: bool(find_beat_tables(place, "mitdb-beats")),
        "ptbdb": lambda place: find_ptbdb(place) is not None,
        "ptbdb-beats": lambda place: bool(find_beat_tables(place, "ptbdb-beats")),
        "ptbxl": lambda place: find_ptbxl(place) is not None,
    }
)
"""Tells whether a data set is in a folder or below it, where its publisher puts it."""

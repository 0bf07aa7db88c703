"""Labelled recordings: public data sets, folders of one's own, and the store that prepares any of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from einthoven.datasets.cinc2017 import find_training_folder, open_cinc2017
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.folder import LABEL_TABLE, open_folder
from einthoven.datasets.store import Store, is_store, open_store, write_store
from einthoven.errors import DatasetError, SettingsError
from einthoven.formats import find_records

__all__ = [
    "DATASETS",
    "LABEL_TABLE",
    "Dataset",
    "Entry",
    "Store",
    "open_cinc2017",
    "open_data",
    "open_folder",
    "open_store",
    "write_store",
]

DATASETS: Mapping[str, Callable[[str | Path], Dataset]] = MappingProxyType({"cinc2017": open_cinc2017})
"""What opens each public data set from a folder in PhysioNet's layout."""


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
    path : a store; a folder with `labels.csv`, or that table itself; a public data set's folder or its parent
    dataset : name of the public data set expected where the path is neither of the others
    fs, units, leads : of one's own recordings that do not state them, see `open_folder`

    Raises
    ------
    SettingsError if there is no data set of that name, or if fs, units or leads are given for anything else
    than one's own recordings, which states them.
    DatasetError if the path is none of these, or is one with a fault; of recordings without a table it names
    the table that is missing.
    """
    if dataset not in DATASETS:
        raise SettingsError(f"expected a data set among {', '.join(DATASETS)}, found {dataset!r}")
    place = Path(path)
    if not place.exists():
        raise DatasetError(f"{place}: expected a folder of recordings or a store, found nothing there")
    if place.is_file():
        return open_folder(place.parent, place, fs=fs, units=units, leads=leads)
    if (place / LABEL_TABLE).is_file() and not is_store(place):
        return open_folder(place, fs=fs, units=units, leads=leads)
    if not is_store(place) and _lacks_table(place):
        raise DatasetError(f"expected {LABEL_TABLE} in {place}, found none, nor the data set {dataset}")
    if (fs, units, leads) != (None, None, None):
        raise SettingsError(f"{place}: expected fs, units and leads for a folder with {LABEL_TABLE} only: "
                            "a store and a public data set state them")  # fmt: skip
    return open_store(place) if is_store(place) else DATASETS[dataset](place)


def _lacks_table(place: Path) -> bool:
    """Tell whether a folder holds recordings, but not in the layout of a public data set: one's own."""
    try:
        find_training_folder(place)
    except DatasetError:
        return bool(find_records(place).records)
    return False

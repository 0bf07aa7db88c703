"""The data that a model is scored on, as the command line names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.apps.cli.reading import Said
from einthoven.apps.cli.seen import need_part, say_seen
from einthoven.errors import DatasetError

if TYPE_CHECKING:
    from einthoven.bundle import Bundle
    from einthoven.datasets import Dataset


TWELVE_LEADS = ("ptbxl", "cinc2020", "cpsc2018")
"""Data sets of which a recording has any number of classes."""


@dataclass(frozen=True, slots=True)
class Given:
    """Data, a part of it, and what is said of files that do not state it.

    data : what `open_data` takes
    part : of a public data set; empty for all of it as it is published, which a model of heartbeats refuses
    said : of one's own recordings
    """

    data: Path
    part: str
    said: Said

    def open(self, bundle: Bundle) -> Dataset:
        """Open all of the data, where public data could be of several sets as the one a model learnt from.

        Of a model of several labels it is the public data set that is there, see `twelve_leads_in`.

        Raises SettingsError if a model of heartbeats needs a part, and none is given; DatasetError if the
        data are heartbeats that somebody has cut, which no bundle reads; else as `open_data`.
        """
        from einthoven.datasets import BEATS_OF, open_data

        is_stated = all(value is None for value in self.said.values())
        there = None if bundle.single_label or not is_stated else twelve_leads_in(self.data, bundle)
        if there is None:
            opened = open_data(self.data, dataset_of(bundle), **self.said)
        else:
            opened = _open_twelve_leads(self.data, there, bundle)
        if opened.kind == "public" and opened.name in BEATS_OF.values():
            raise DatasetError(f"{self.data}: expected recordings, as {bundle.name} reads them, found "
                               f"{opened.name}: beats in tables, which are cut already, cannot be scored "
                               "with a model that ships or is packed")  # fmt: skip
        if bundle.cut is not None and not self.part:
            need_part(bundle, opened)
        return opened

    def chosen(self, whole: Dataset, bundle: Bundle) -> Dataset:
        """Return the part of the data, having said on stderr what a user should know of it.

        That is also how many of the recordings the model has seen.
        """
        from einthoven.apps.cli.data import noted
        from einthoven.datasets import select_part

        dataset = noted(select_part(whole, self.part))
        say_seen(bundle, whole, dataset)
        return dataset


def dataset_of(bundle: Bundle) -> str:
    """Return the public data set that a model is scored on unless its data is one's own.

    That is the one it learnt from, or the recordings of its table of beats; else the one of most such models.
    """
    from einthoven.datasets import BEATS_OF, DATASETS
    from einthoven.training.ancestry import kind_of

    default = "mitdb" if bundle.cut is not None else "cinc2017" if bundle.single_label else "cinc2020"
    stated = bundle.provenance.get("dataset")
    if not isinstance(stated, Mapping) or kind_of(stated) != "public":
        return default
    recordings = {table: name for name, table in BEATS_OF.items()}
    name = str(stated.get("name"))
    name = recordings.get(name, name) if bundle.cut is not None else name
    return name if name in DATASETS else default


def twelve_leads_in(folder: Path, bundle: Bundle) -> str | None:
    """Return the public data set of twelve leads in a folder that a model of several labels is scored on.

    The one that it learnt from if it is there; CPSC 2018 in the challenges' layout is a source of cinc2020.
    None where there is none, or the path is a table or a store.

    Raises DatasetError if there are several others.
    """
    from einthoven.datasets import LABEL_TABLE, data_sets_in
    from einthoven.datasets.store import is_store

    if not folder.is_dir() or (folder / LABEL_TABLE).is_file() or is_store(folder):
        return None
    there = [name for name in data_sets_in(folder) if name in TWELVE_LEADS]
    if (own := dataset_of(bundle)) in there:
        return own
    if "cinc2020" in there and "cpsc2018" in there:
        there.remove("cpsc2018")
    if len(there) > 1:
        raise DatasetError(f"{folder}: expected one data set to score {bundle.name} on, found "
                           f"{' and '.join(there)}: name the folder of one")  # fmt: skip
    return there[0] if there else None


def _open_twelve_leads(folder: Path, name: str, bundle: Bundle) -> Dataset:
    """Open a public data set of twelve leads, PTB-XL with all labels, at the rate that a model needs."""
    from einthoven.datasets import DATASETS, open_ptbxl
    from einthoven.datasets.ptbxl import Resolution
    from einthoven.datasets.twelve_leads import open_labelled_ptbxl
    from einthoven.metrics.cinc2020 import CLASSES

    if name != "ptbxl":
        return DATASETS[name](folder)
    resolution: Resolution = "100" if bundle.input.fs <= 100 else "500"
    has_challenge = any(label.name in CLASSES for label in bundle.labels)
    return (open_labelled_ptbxl if has_challenge else open_ptbxl)(folder, resolution)

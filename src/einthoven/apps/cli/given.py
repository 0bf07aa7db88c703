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

        Raises SettingsError if a model of heartbeats needs a part, and none is given; DatasetError if the
        data are heartbeats that somebody has cut, which no bundle reads; else as `open_data`.
        """
        from einthoven.datasets import BEATS_OF, open_data

        opened = open_data(self.data, dataset_of(bundle), **self.said)
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

    default = "cinc2017" if bundle.cut is None else "mitdb"
    stated = bundle.provenance.get("dataset")
    if not isinstance(stated, Mapping) or kind_of(stated) != "public":
        return default
    recordings = {table: name for name, table in BEATS_OF.items()}
    name = str(stated.get("name"))
    name = recordings.get(name, name) if bundle.cut is not None else name
    return name if name in DATASETS else default

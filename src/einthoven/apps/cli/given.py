"""The data that a model is scored on, as the command line names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.apps.cli.reading import Said

if TYPE_CHECKING:
    from einthoven.bundle import Bundle
    from einthoven.datasets import Dataset


@dataclass(frozen=True, slots=True)
class Given:
    """Data, a part of it, and what is said of files that do not state it.

    data : what `open_data` takes
    part : of a public data set; empty for all of it
    said : of one's own recordings
    """

    data: Path
    part: str
    said: Said

    def open(self, bundle: Bundle) -> Dataset:
        """Open all of the data, where public data could be of several sets as the one a model learnt from."""
        from einthoven.datasets import open_data

        return open_data(self.data, dataset_of(bundle), **self.said)

    def chosen(self, whole: Dataset) -> Dataset:
        """Return the part of the data, having said on stderr what a user should know of it."""
        from einthoven.apps.cli.data import noted
        from einthoven.datasets import select_part

        return noted(select_part(whole, self.part))


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

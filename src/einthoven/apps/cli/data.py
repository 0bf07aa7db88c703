"""`einthoven download` and `einthoven prepare`: data sets to train and measure with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.apps.cli.output import FormatOption, emit, if_interrupted, plain_layout, say, say_wrote
from einthoven.apps.cli.progress import progress
from einthoven.apps.cli.reading import FsOption, LeadsOption, UnitsOption, said_of_files
from einthoven.apps.text import counted
from einthoven.errors import SettingsError

if TYPE_CHECKING:
    from einthoven.datasets import Dataset


_UNSTORED = {
    "cinc2021": "its sources are read as part of cinc2020",
    "mitdb": "its heartbeats are read from the recordings themselves, and a store keeps no annotations",
}
"""Data sets that a store would spoil, or that have no name of their own, and why."""


def download(
    dataset: Annotated[
        str,
        typer.Argument(
            help="cinc2017, cinc2020, cinc2021 (two more of its sources), cpsc2018, mitdb, ptbdb or ptbxl.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder to put it in, in PhysioNet's layout.")
    ],
    mirror: Annotated[
        str | None, typer.Option(help="Address or local folder to take it from instead of physionet.org.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PREFIX", help="Fetch the files whose paths begin so, such as RECORDS; may be repeated."
        ),
    ] = None,
    wanted: FormatOption = None,
) -> None:
    """Fetch a public data set, every file checked; the same command goes on after an interruption.

    [bold]Examples[/bold]

    einthoven download cinc2017 -o data

    einthoven download mitdb -o data --mirror /mnt/physionet

    einthoven download ptbxl -o data --only records100/ --only ptbxl_database.csv --only scp_
    """
    from einthoven.datasets.download import download as fetch

    done = {"files": 0, "bytes": 0}
    with progress(f"fetching {dataset}, files") as report:

        def arrived(n_files: int, n_bytes: int, n_all: int) -> None:
            done.update(files=n_files, bytes=n_bytes)
            report(n_files, n_all)

        with if_interrupted(lambda: "the same command goes on where it stopped"):
            folder = fetch(dataset, output, mirror=mirror, progress=arrived, only=only or None)
    item = {"dataset": dataset, "folder": str(folder), "files": done["files"], "fetched_bytes": done["bytes"]}
    emit([item], plain_layout(tuple(item)), wanted)


def prepare(
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET|FOLDER",
            help="cinc2017, ptbdb, ptbxl, mitdb-beats or ptbdb-beats, or a folder with labels.csv.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Folder for the store; new or empty. DATA/DATASET.store, or FOLDER.store beside the folder, "
            "if not given.",
        ),
    ] = None,
    data: Annotated[
        Path, typer.Option(help="Where the data set was downloaded to; with a name only.")
    ] = Path("data"),
    fs: FsOption = None,
    units: UnitsOption = None,
    leads: LeadsOption = None,
    wanted: FormatOption = None,
) -> None:
    """Turn a data set into a store, which loads many times faster.

    [bold]Examples[/bold]

    einthoven prepare cinc2017 --data data

    einthoven prepare ptbxl --data data

    einthoven prepare my-recordings/ -o my.store

    einthoven prepare my-tables/ --fs 250 --units uV --leads I -o my.store
    """
    from einthoven.datasets import DATASETS, LABEL_TABLE, open_data, write_store
    from einthoven.datasets.download import SOURCES

    stored = [name for name in DATASETS if name not in _UNSTORED]
    if (
        dataset not in stored
        and dataset in {*SOURCES, *DATASETS}
        and not (Path(dataset) / LABEL_TABLE).is_file()
    ):
        raise SettingsError(f"{dataset} cannot be prepared, as {_UNSTORED[dataset]}: "
                            f"expected {', '.join(stored)}, or a folder with {LABEL_TABLE}")  # fmt: skip
    if output is None:
        output = _store_of(data / dataset if dataset in stored else Path(dataset))
    said = said_of_files(fs, units, leads)
    opened = open_data(data, dataset, **said) if dataset in stored else open_data(dataset, **said)
    with if_interrupted(lambda: f"{output} was not written"), progress(f"storing {opened.name}") as report:
        store = write_store(opened, output, report)
    item = {
        "dataset": store.name,
        "folder": str(output),
        "recordings": len(store),
        "classes": dict(store.class_counts),
        "notes": list(store.notes),
    }
    shown = ("dataset", "folder", "recordings", "classes")
    # Notes are too long for a column of a table, and stand below it.
    layout = replace(plain_layout(shown), fields=plain_layout((*shown, "notes")).fields)
    emit([item], layout, wanted, notes=store.notes)
    say_wrote(output, counted(len(store), "recording"))


def _store_of(place: Path) -> Path:
    """Return where the store of a data set goes unless one says: beside it, not among its recordings."""
    place = place.parent if place.is_file() else place
    # `.` and `..` have no name of their own.
    place = place if place.name not in ("", "..") else place.resolve()
    return place.with_name(f"{place.name}.store")


def noted(dataset: Dataset) -> Dataset:
    """Say on stderr what a user should know of a data set, such as what was left out, and return it."""
    for note in dataset.notes:
        say(f"{dataset.name}: {note}")
    return dataset

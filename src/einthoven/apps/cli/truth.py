"""The truth beside the answers: which row of a table of labels belongs to which file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from einthoven.apps.cli.agreement import BETWEEN, Truth
from einthoven.datasets.folder import files_by_name
from einthoven.datasets.label_table import LabelRow, read_label_table
from einthoven.formats.sniff import header_of


def read_truth(table: Path, files: Sequence[Path]) -> Truth:
    """Find the label of each file in a table, as far as it is there.

    A row names a file as in a data set's table: by its path from the table's folder, or by its name alone, or
    by the end of its path, with or without ending. Rows that name none of the files are passed over.

    Parameters
    ----------
    table : CSV with the columns record and label (or labels), see `einthoven.datasets.folder.open_folder`
    files : as they are given to the reader

    Raises
    ------
    DatasetError naming the row if the table is malformed, a row may mean several of the files, or two rows
    mean the same one.
    """
    # A WFDB record may be given without ending.
    files_of = {str(path): path if path.exists() else header_of(path) or path for path in files}
    names = files_by_name(set(files_of.values()))
    labels: dict[Path, str] = {}
    rows = read_label_table(table)
    for row in rows:
        found = _meant(row, names, table.parent)
        if len(found) > 1:
            raise row.error("record", f"one recording {row.record} among those to classify",
                            " and ".join(map(str, found)))  # fmt: skip
        for path in found:
            if path in labels:
                raise row.error("record", "each recording once", f"{path} again")
            labels[path] = BETWEEN.join(row.labels)
    known = {given: labels[path] for given, path in files_of.items() if path in labels}
    return Truth(known, tuple(sorted({label for row in rows for label in row.labels})))


def _meant(row: LabelRow, names: Mapping[str, list[Path]], folder: Path) -> list[Path]:
    relative = PurePosixPath(row.record.replace("\\", "/"))
    alike = names.get(relative.name, [])
    place = (folder / relative.parent).resolve()
    beside = [path for path in alike if path.parent.resolve() == place]
    above = relative.parent.parts
    return beside or [path for path in alike if path.parts[:-1][-len(above) :] == above or not above]

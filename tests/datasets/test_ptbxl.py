"""PTB-XL: superclasses, patients, folds, and tables that are not what they should be."""

import csv
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from einthoven.datasets.ptbxl import CLASSES, open_ptbxl, read_patients, take_infarction
from einthoven.datasets.scp_codes import AXIS_CODES, SNOMED_CODES, challenge_classes
from einthoven.errors import DatasetError, SettingsError
from einthoven.formats.wfdb import write_wfdb
from einthoven.metrics.cinc2020 import CLASSES as CHALLENGE_CLASSES
from einthoven.metrics.cinc2020 import SCORED_CLASSES
from einthoven.record import TWELVE_LEADS, Record

STATEMENTS = """\
,description,diagnostic,form,rhythm,diagnostic_class
NORM,normal ECG,1.0,,,NORM
IMI,inferior myocardial infarction,1.0,,,MI
NDT,non-diagnostic T abnormalities,1.0,1.0,,STTC
LVH,left ventricular hypertrophy,1.0,,,HYP
LVOLT,low QRS voltages,,1.0,,
SR,sinus rhythm,,,1.0,
"""
HEADER = "ecg_id,patient_id,report,scp_codes,strat_fold,filename_lr,filename_hr\n"
Write = Callable[..., Path]


def _row(number: int, codes: str, patient: str = "7.0", fold: str = "3") -> str:
    name = f"00000/{number:05d}"
    return f'{number},{patient},"two\nlines",{codes},{fold},records100/{name}_lr,records500/{name}_hr\n'


@pytest.fixture
def database(tmp_path: Path) -> Write:
    """Writes the tables, and recordings of 10 s of those named, at each rate; gives the folder above."""

    def write(
        rows: str,
        at_100: tuple[int, ...] = (1,),
        at_500: tuple[int, ...] = (),
        statements: str = STATEMENTS,
        header: str = HEADER,
    ) -> Path:
        place = tmp_path / "ptb-xl" / "1.0.3"
        place.mkdir(parents=True)
        (place / "ptbxl_database.csv").write_text(header + rows)
        (place / "scp_statements.csv").write_text(statements)
        rates: Mapping[str, tuple[int, tuple[int, ...]]] = {"lr": (100, at_100), "hr": (500, at_500)}
        for ending, (fs, numbers) in rates.items():
            for number in numbers:
                signal = np.full((12, 10 * fs), number / 100, np.float32)
                folder = place / f"records{fs}" / "00000"
                write_wfdb(Record(signal, fs, TWELVE_LEADS, f"{number:05d}_{ending}"), folder)
        return tmp_path

    return write


def test_labels_are_the_superclasses_of_the_diagnostic_statements(database: Write) -> None:
    rows = (
        _row(1, "\"{'LVH': 0.0, 'IMI': 35.0, 'SR': 0.0}\"", "15709.0", "3")
        + _row(2, "\"{'NORM': 100.0, 'LVOLT': 0.0}\"", "15709", "10")
        + _row(3, "\"{'SR': 0.0, 'NOVEL': 100.0}\"", "")
    )
    dataset = open_ptbxl(database(rows, (1, 2, 3)))
    assert (dataset.name, dataset.kind, dataset.classes) == ("ptbxl", "public", CLASSES)
    assert dataset.notes == ()
    assert [entry.labels for entry in dataset.entries] == [("MI", "HYP"), ("NORM",), ()]
    assert [entry.patient for entry in dataset.entries] == ["15709", "15709", None]
    assert [entry.fold for entry in dataset.entries] == [3, 10, 3]
    assert dataset.record_ids == ("1", "2", "3")
    record = dataset.read(1)
    assert (record.fs, record.leads, record.n_samples) == (100.0, TWELVE_LEADS, 1000)
    assert record.signal[0, 0] == np.float32(0.02)


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_finds_the_tables_from_their_parents(database: Write, levels: int) -> None:
    folder = database(_row(1, "{}")) / "ptb-xl" / "1.0.3"
    for _ in range(levels):
        folder = folder.parent
    assert len(open_ptbxl(str(folder))) == 1


def test_what_is_not_in_the_folder_is_told(database: Write) -> None:
    folder = database("".join(_row(number, "{}") for number in range(1, 7)), (1, 2), (2,))
    (folder / "ptb-xl/1.0.3/records100/00000/00001_lr.dat").unlink()
    dataset = open_ptbxl(folder)
    assert dataset.record_ids == ("2",)
    share = "5 of the 6 recordings in ptbxl_database.csv are not in the folder at"
    few = "records{}/00000/00001_{}, records{}/00000/00003_{}, records{}/00000/00004_{} and 2 more"
    assert dataset.notes == (f"{share} 100 Hz: " + few.format(*(100, "lr") * 3),)
    fine = open_ptbxl(folder, "500")
    assert fine.notes == (f"{share} 500 Hz: " + few.format(*(500, "hr") * 3),)
    assert (fine.read(0).fs, fine.read(0).n_samples) == (500.0, 5000)


def test_without_a_recording_it_says_which_it_looked_for(database: Write) -> None:
    folder = database(_row(1, "{}"))
    with pytest.raises(DatasetError, match=r"such as records500/00000/00001_hr, found none"):
        open_ptbxl(folder, "500")
    with pytest.raises(SettingsError, match="expected a resolution of 100 or 500 Hz, found '250'"):
        open_ptbxl(folder, "250")  # type: ignore[arg-type]
    with pytest.raises(
        DatasetError, match=r"expected PTB-XL in it or below it, found no ptbxl_database\.csv"
    ):
        open_ptbxl(folder / "nowhere")


BAD_CODES = [
    "NORM",
    "[1]",
    "{1: 2}",
    "{'A'",
    "__import__('os')",
    "{[1]: 2}",
    r"{'\d': 1}",
    "(" * 900,
    "1" * 5000,
]


@pytest.mark.parametrize("codes", BAD_CODES)
def test_statements_that_are_no_dict_are_refused(database: Write, codes: str) -> None:
    folder = database(_row(1, "{}") + _row(2, f'"{codes}"'))
    with pytest.raises(
        DatasetError, match=r"database\.csv, row 5, column scp_codes: expected .* found "
    ) as raised:
        open_ptbxl(folder)
    assert len(str(raised.value)) < 300 + len(str(folder))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (_row(1, "{}"), "row 5, column ecg_id: expected each recording once, found '1'"),
        (_row(2, "{}", patient="x"), "row 5, column patient_id: expected a whole number, found 'x'"),
        (_row(2, "{}", patient="3.5"), "row 5, column patient_id: expected a whole number, found '3.5'"),
        (_row(2, "{}", fold=""), "row 5, column strat_fold: expected a whole number, found ''"),
        ("2,3\n", "row 4: expected 7 cells, found 2"),
        (
            _row(2, "{}").replace("records100", "../a"),
            r"column filename_lr: expected a path below the folder",
        ),
        (_row(2, "{}").replace("records100", "/a"), r"column filename_lr: expected a path below the folder"),
        ('2,"3', "expected a table .CSV, UTF-8., found: unexpected end of data"),
    ],
)
def test_a_bad_row_is_named(database: Write, row: str, message: str) -> None:
    with pytest.raises(DatasetError, match=f"ptbxl_database.csv.*{message}"):
        open_ptbxl(database(_row(1, "{}") + row))


def test_tables_of_another_form_are_refused(database: Write, tmp_path: Path) -> None:
    folder = database("", header=HEADER.replace("scp_codes", "codes").replace("strat_fold", "fold"))
    place = folder / "ptb-xl" / "1.0.3"
    with pytest.raises(DatasetError, match="with the columns scp_codes, strat_fold, found none"):
        open_ptbxl(folder)
    (place / "ptbxl_database.csv").write_text(HEADER)
    with pytest.raises(DatasetError, match="expected rows below the header, found none"):
        open_ptbxl(folder)
    (place / "scp_statements.csv").write_text(STATEMENTS.replace("1.0,,,MI", "1.0,,,XX"))
    with pytest.raises(DatasetError, match=r"statements\.csv, row 3, column diagnostic_class: .* found 'XX'"):
        open_ptbxl(folder)
    (place / "scp_statements.csv").write_text(STATEMENTS.splitlines()[0])
    with pytest.raises(DatasetError, match="expected diagnostic statements, found none"):
        open_ptbxl(folder)
    (place / "scp_statements.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(DatasetError, match="expected a table"):
        open_ptbxl(folder)
    (place / "scp_statements.csv").unlink()
    with pytest.raises(DatasetError, match=r"scp_statements\.csv: expected a table .* found: No such file"):
        open_ptbxl(tmp_path)


AXIS_HEADER = "heart_axis," + HEADER


def test_statements_that_surely_mean_a_diagnosis_of_the_challenge(database: Write) -> None:
    codes = ["{'NDT': 0.0, 'SR': 0.0}", "{'NORM': 100.0, 'LVH': 50.0}", "{'PVC': 100.0, 'AFIB': 0.0}"]
    rows = [_row(number, f'"{cell}"') for number, cell in enumerate(codes, 1)]
    axes = ("ALAD", "MID", "RAD")
    folder = database(
        "".join(f"{axis},{row}" for axis, row in zip(axes, rows, strict=True)), (1, 2, 3), header=AXIS_HEADER
    )
    dataset = open_ptbxl(folder, labels="cinc2020")
    assert dataset.classes == CHALLENGE_CLASSES
    assert [entry.labels for entry in dataset.entries] == [("LAD", "NSR", "TAb"), (), ("AF", "PVC", "RAD")]
    assert [entry.labels for entry in open_ptbxl(folder).entries] == [("STTC",), ("NORM", "HYP"), ()]
    assert read_patients(folder / "ptb-xl/1.0.3") == {"1": "7", "2": "7", "3": "7"}
    with pytest.raises(SettingsError, match="expected labels to be superclasses or cinc2020, found 'scp'"):
        open_ptbxl(folder, labels="scp")  # type: ignore[arg-type]


def test_without_an_axis_statements_alone_count(database: Write) -> None:
    dataset = open_ptbxl(database(_row(1, "\"{'SBRAD': 0.0}\"")), labels="cinc2020")
    assert [entry.labels for entry in dataset.entries] == [("SB",)]


def test_every_code_of_a_statement_is_scored_and_its_class_known() -> None:
    scored = {code for one in SCORED_CLASSES for code in one.codes}
    assert {*SNOMED_CODES.values(), *AXIS_CODES.values()} < scored
    classes = challenge_classes()
    # Only a bradycardia that is not said to be sinus has no statement.
    assert set(CHALLENGE_CLASSES) - set(classes.values()) == {"Brady"}
    assert (classes["CLBBB"], classes["1AVB"], classes["IVCD"]) == ("LBBB", "IAVB", "NSIVCB")


def test_infarction_against_normal_alone(database: Write) -> None:
    codes = [["NORM"], ["IMI", "LVH"], ["NORM", "IMI"], ["NORM", "NDT"], ["SR"], ["IMI"]]
    cells = [f'"{dict.fromkeys(names, 0.0)}"' for names in codes]
    rows = "".join(_row(number, cell, str(number)) for number, cell in enumerate(cells, 1))
    dataset = open_ptbxl(database(rows, (1, 2, 3, 4, 5, 6)))
    taken = take_infarction(dataset)
    assert taken.classes == ("NORM", "MI")
    assert {entry.record_id: entry.labels for entry in taken.entries} == {
        "1": ("NORM",), "2": ("MI",), "6": ("MI",)
    }  # fmt: skip
    assert [entry.patient for entry in taken.entries] == ["1", "2", "6"]
    assert taken.class_indices().tolist() == [0, 1, 1]
    assert taken.notes == ("3 of 6 recordings left out: neither infarction nor normal alone",)
    assert take_infarction(dataset.subset([0, 1])).notes == ()
    with pytest.raises(DatasetError, match="found none of MI"):
        take_infarction(dataset.subset([0, 2]))


def _table(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a publisher's table."""
    with next(folder.rglob(name)).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.realdata
@pytest.mark.parametrize("resolution", ["100", "500"])
def test_the_recordings_that_are_here_are_as_their_table_says(
    data_folder: Path, resolution: Literal["100", "500"]
) -> None:
    place = next(data_folder.rglob("ptbxl_database.csv")).parent
    if not any(place.glob(f"records{resolution}/*/*.dat")):
        pytest.skip(f"no recordings at {resolution} Hz here")
    dataset = open_ptbxl(data_folder, resolution)
    diagnostic = {
        row[""]: row["diagnostic_class"]
        for row in _table(data_folder, "scp_statements.csv")
        if row["diagnostic"] == "1.0"
    }
    column = {"100": "filename_lr", "500": "filename_hr"}[resolution]
    expected = {}
    for row in _table(data_folder, "ptbxl_database.csv"):
        if all((place / f"{row[column]}.{ending}").is_file() for ending in ("hea", "dat")):
            codes = re.findall(r"'(.+?)'", row["scp_codes"])
            labels = {diagnostic[code] for code in codes if code in diagnostic}
            expected[row["ecg_id"]] = (labels, row["patient_id"].removesuffix(".0"), int(row["strat_fold"]))
    found = {entry.record_id: (set(entry.labels), entry.patient, entry.fold) for entry in dataset.entries}
    assert found == expected
    record = dataset.read(0)
    assert (record.leads, record.fs, record.duration_s) == (TWELVE_LEADS, float(resolution), 10.0)


@pytest.mark.realdata
def test_each_patient_is_in_one_fold_and_infarction_is_a_part_of_what_is_here(data_folder: Path) -> None:
    dataset = open_ptbxl(data_folder)
    sides: dict[str | None, set[int | None]] = {}
    for entry in dataset.entries:
        sides.setdefault(entry.patient, set()).add(entry.fold)
    assert all(len(folds) == 1 for folds in sides.values())
    assert set().union(*sides.values()) <= set(range(1, 11))
    taken = take_infarction(dataset)
    whole = {entry.record_id: set(entry.labels) for entry in dataset.entries}
    for entry in taken.entries:
        (label,) = entry.labels
        assert whole[entry.record_id] == {"NORM"} if label == "NORM" else "MI" in whole[entry.record_id]
    left_out = [labels for name, labels in whole.items() if name not in set(taken.record_ids)]
    assert all("MI" not in labels or "NORM" in labels for labels in left_out)
    assert {"NORM"} not in left_out
    groups = taken.patient_groups()
    assert groups is not None
    assert len(set(groups.tolist())) == len({entry.patient for entry in taken.entries}) > 1


@pytest.mark.realdata
def test_a_recording_of_the_challenge_has_the_classes_of_its_statements(data_folder: Path) -> None:
    dataset = open_ptbxl(data_folder, labels="cinc2020")
    superclasses = {entry.record_id: entry.labels for entry in open_ptbxl(data_folder).entries}
    assert dataset.record_ids == tuple(superclasses)
    # HR00599 of the challenge: 164865005 (infarction, not scored), 164947007, 426783006.
    assert [entry.labels for entry in dataset.entries if entry.record_id == "599"] == [("LPR", "NSR")]
    assert superclasses["599"] == ("MI",)

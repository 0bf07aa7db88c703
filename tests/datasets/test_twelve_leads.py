"""PTB-XL and the challenges' sources as one data set: classes, what is unjudged, folds, what is left out."""

import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import Entry, check_apart, data_sets_in, open_data, select_part, write_store
from einthoven.datasets.scp_codes import challenge_classes
from einthoven.datasets.twelve_leads import (
    CLASSES,
    N_FOLDS,
    SUPERCLASSES,
    UNSTATED,
    deal_sources,
    open_labelled_ptbxl,
    open_twelve_leads,
)
from einthoven.errors import DatasetError, SettingsError
from einthoven.formats.wfdb import write_wfdb
from einthoven.metrics.cinc2020 import CLASSES as CHALLENGE_CLASSES
from einthoven.record import TWELVE_LEADS, Record

Write = Callable[..., Path]
STATEMENTS = ",diagnostic,diagnostic_class\nNORM,1.0,NORM\nIMI,1.0,MI\nCRBBB,1.0,CD\nSR,,\n"


def _ptbxl(folder: Path, *rows: str, at_hand: int | None = None) -> None:
    """Write PTB-XL's tables, with rows of codes, axis and fold, and a recording of most of them."""
    place = folder / "ptb-xl" / "1.0.3"
    place.mkdir(parents=True)
    (place / "scp_statements.csv").write_text(STATEMENTS)
    lines = ["ecg_id,patient_id,scp_codes,heart_axis,strat_fold,filename_lr,filename_hr"]
    for number, row in enumerate(rows, 1):
        lines.append(f"{number},{number // 2}.0,{row},records100/{number:05d}_lr,records500/{number:05d}_hr")
        if at_hand is None or number <= at_hand:
            signal = np.full((12, 100), number / 100, np.float32)
            for fs, name in ((100, f"{number:05d}_lr"), (500, f"{number:05d}_hr")):
                write_wfdb(Record(signal, fs, TWELVE_LEADS, name), place / f"records{fs}")
    (place / "ptbxl_database.csv").write_text("\n".join(lines) + "\n")


ROWS = (
    "\"{'NORM': 100.0, 'SR': 0.0}\",MID,3",
    "\"{'IMI': 80.0, 'CRBBB': 100.0}\",LAD,9",
    "{},,1",
    "\"{'SR': 0.0}\",,10",
)


@pytest.fixture
def both(tmp_path: Path, write_twelve: Write) -> Path:
    """Returns a folder with three recordings of PTB-XL beside one of fold 10, and of the challenge eight."""
    _ptbxl(tmp_path, *ROWS)
    training = tmp_path / "challenge-2020" / "1.0.2" / "training"
    for number in range(3):
        write_twelve(training / "georgia/g1", f"E{number:05d}", "164889003")
    write_twelve(training / "cpsc_2018/g1", "A0001", "164884008")
    write_twelve(training / "ptb-xl/g1", "HR00001")
    write_twelve(training / "ptb-xl/g1", "HR99999")
    for number in (1, 2):
        write_twelve(training / "ptb/g1", f"S000{number}", "426783006,1234567", fs=1000)
    return tmp_path


def test_the_classes_are_the_challenge_s_then_the_superclasses() -> None:
    assert len(CLASSES) == 29
    assert CLASSES[:24] == CHALLENGE_CLASSES
    assert CLASSES[24:] == ("NORM", "MI", "STTC", "CD", "HYP")
    assert UNSTATED == ("Brady",)
    assert set(UNSTATED) == set(CHALLENGE_CLASSES) - set(challenge_classes().values())


def test_both_databases_are_labelled_as_far_as_they_say(both: Path) -> None:
    dataset = open_twelve_leads(both)
    assert (dataset.name, dataset.kind, dataset.classes) == ("twelve-leads", "public", CLASSES)
    found = {entry.record_id: entry for entry in dataset.entries}
    assert list(found) == ["1", "2", "3", "A0001", "S0001", "S0002", "E00000", "E00001", "E00002"]
    assert [found[name].labels for name in ("1", "2", "3")] == [
        ("NSR", "NORM"), ("RBBB", "LAD", "MI", "CD"), ()
    ]  # fmt: skip
    # Ventricular ectopics count as PVC.
    assert [found[name].labels for name in ("A0001", "S0001", "E00000")] == [("PVC",), ("NSR",), ("AF",)]
    assert {entry.unjudged for entry in dataset.entries if entry.source != "ptbxl"} == {SUPERCLASSES}
    # Of the third the table states no axis.
    assert [found[name].unjudged for name in ("1", "2", "3")] == [
        UNSTATED, UNSTATED, (*UNSTATED, "LAD", "RAD")
    ]  # fmt: skip
    matrix = dataset.label_matrix()
    assert np.isnan(matrix).sum(axis=0).tolist() == [
        {"Brady": 3, "LAD": 1, "RAD": 1, **dict.fromkeys(SUPERCLASSES, 6)}.get(name, 0) for name in CLASSES
    ]
    # A recording without a diagnostic statement has none of the superclasses.
    assert matrix[2, -5:].tolist() == [0.0] * 5


def test_an_axis_is_judged_where_the_table_says_whether_it_deviates(tmp_path: Path) -> None:
    axes = ("MID", "LAD", "ALAD", "RAD", "ARAD", "AXL", "")
    _ptbxl(tmp_path, *(f"{{}},{axis},{fold}" for fold, axis in enumerate(axes, 1)))
    entries = open_twelve_leads(tmp_path).entries
    assert [entry.labels for entry in entries] == [(), ("LAD",), ("LAD",), ("RAD",), ("RAD",), (), ()]
    assert ["LAD" in entry.unjudged and "RAD" in entry.unjudged for entry in entries] == [False] * 5 + [
        True
    ] * 2
    table = tmp_path / "ptb-xl/1.0.3/ptbxl_database.csv"
    table.write_text(table.read_text().replace("heart_axis", "axis"))
    assert all("LAD" in entry.unjudged for entry in open_twelve_leads(tmp_path).entries)


def test_what_is_left_out_is_told(both: Path) -> None:
    dataset = open_twelve_leads(both)
    assert dataset.notes == (
        "ptbxl: 1 recordings of fold 10 left out: models are judged on them",
        "cinc2020: 2 recordings of ptb-xl left out: they are copies of PTB-XL's",
        "cinc2020: 2 recordings whose patients are not known, of a database with several of each, are all in "
        "one fold",
    )
    assert {entry.source for entry in dataset.entries} == {"ptbxl", "cpsc_2018", "ptb", "georgia"}


def test_notes_of_the_parts_are_kept_and_tell_of_which(tmp_path: Path, write_twelve: Write) -> None:
    _ptbxl(tmp_path, *ROWS, at_hand=2)
    write_twelve(tmp_path / "training/georgia", "E00001")
    write_twelve(tmp_path / "training/georgia", "E00002", dx=None)
    write_twelve(tmp_path / "training/ptb-xl", "HR00001", dx=None)
    notes = open_twelve_leads(tmp_path).notes
    assert len(notes) == 2
    assert notes[0].startswith("ptbxl: 2 of the 4 recordings in ptbxl_database.csv are not in the folder")
    assert notes[1] == "georgia: recordings left out, as they state no diagnosis (#Dx:): 1 (E00002)"


def test_every_recording_is_read_by_its_own_reader(both: Path, write_twelve: Write) -> None:
    # The challenge's reader puts the leads into their order.
    write_twelve(both / "challenge-2020/1.0.2/training/georgia/g1", "E00000", leads=TWELVE_LEADS[::-1])
    dataset = pickle.loads(pickle.dumps(open_twelve_leads(both)))
    of_ptbxl, of_georgia = dataset.read(1), dataset.read(dataset.record_ids.index("E00000"))
    assert (of_ptbxl.fs, of_georgia.fs) == (100.0, 500.0)
    assert of_ptbxl.signal[0, 0] == np.float32(0.02)
    assert of_georgia.leads == TWELVE_LEADS
    assert open_twelve_leads(both, "500").read(1).fs == 500.0
    with pytest.raises(SettingsError, match="100 or 500 Hz"):
        open_twelve_leads(both, "250")  # type: ignore[arg-type]


def test_every_recording_states_a_fold_and_unknown_patients_of_ptb_share_one(both: Path) -> None:
    dataset = open_twelve_leads(both)
    folds = {entry.record_id: entry.fold for entry in dataset.entries}
    assert [folds[name] for name in ("1", "2", "3")] == [3, 9, 1]
    assert all(fold is not None and 1 <= fold <= N_FOLDS for fold in folds.values())
    assert folds["S0001"] == folds["S0002"]
    assert len({folds[f"E0000{number}"] for number in range(3)}) == 3
    assert folds == {entry.record_id: entry.fold for entry in open_twelve_leads(both).entries}


def test_the_challenge_is_dealt_by_class_source_and_patient() -> None:
    entries = [
        Entry(
            f"{source}{number}",
            ("AF",) if number % 2 else (),
            patient=f"p{number // 3}" if source == "st_petersburg_incart" else None,
            source=source,
        )
        for source, n in (("georgia", 90), ("cpsc_2018", 45), ("st_petersburg_incart", 54))
        for number in range(n)
    ]
    folds = deal_sources(entries)
    counts = Counter((entry.source, fold) for entry, fold in zip(entries, folds, strict=True))
    assert [counts["georgia", fold] for fold in range(1, 10)] == [10] * 9
    assert [counts["cpsc_2018", fold] for fold in range(1, 10)] == [5] * 9
    assert [counts["st_petersburg_incart", fold] for fold in range(1, 10)] == [6] * 9
    hits = Counter(fold for entry, fold in zip(entries, folds, strict=True) if entry.labels)
    assert max(hits.values()) - min(hits.values()) <= 2
    for fold in range(1, 10):
        sides = [[], []]
        for entry, own in zip(entries, folds, strict=True):
            sides[own == fold].append(entry)
        check_apart(*sides)


def test_one_of_the_two_is_enough(tmp_path: Path, write_twelve: Write) -> None:
    _ptbxl(tmp_path / "one", *ROWS)
    alone = open_twelve_leads(tmp_path / "one")
    assert alone.record_ids == ("1", "2", "3")
    assert alone.notes[-1] == "cinc2020: not there, so that PTB-XL is alone"
    write_twelve(tmp_path / "other/georgia", "E00001")
    alone = open_twelve_leads(str(tmp_path / "other/georgia"))
    assert alone.record_ids == ("E00001",)
    assert alone.classes == CLASSES
    assert alone.notes == ("ptbxl: not there, so that nothing is labelled with NORM, MI, STTC, CD, HYP",)


def test_neither_or_nothing_that_is_kept_is_refused(tmp_path: Path, write_twelve: Write) -> None:
    with pytest.raises(DatasetError, match=r"expected PTB-XL, sources of the CinC .* found neither"):
        open_twelve_leads(tmp_path)
    write_twelve(tmp_path / "training/ptb-xl", "HR00001")
    with pytest.raises(DatasetError, match=r"expected recordings to train on, found none; .*1 recordings of"):
        open_twelve_leads(tmp_path)


def test_a_store_keeps_what_is_unjudged(both: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    dataset = open_data(both, "twelve-leads")
    store = write_store(dataset, tmp_path / "store")
    assert [(entry.unjudged, entry.source) for entry in store.entries] == [
        (entry.unjudged, entry.source) for entry in dataset.entries
    ]
    np.testing.assert_array_equal(store.label_matrix(), dataset.label_matrix())


@pytest.mark.realdata
def test_the_real_recordings_are_opened_and_read(data_folder: Path) -> None:
    dataset = open_twelve_leads(data_folder)
    assert {"ptbxl", "georgia"} <= {entry.source for entry in dataset.entries}
    for index in (0, len(dataset) - 1):
        assert dataset.read(index).leads == TWELVE_LEADS


def test_ptbxl_alone_has_both_kinds_of_labels_in_all_of_its_folds(both: Path) -> None:
    ptbxl, combined = open_labelled_ptbxl(both), open_twelve_leads(both)
    assert (ptbxl.name, ptbxl.classes, ptbxl.kind) == ("ptbxl", CLASSES, "public")
    assert [entry.fold for entry in ptbxl.entries] == [3, 9, 1, 10]
    assert ptbxl.entries[:3] == combined.entries[:3]
    test = select_part(ptbxl, "test")
    assert test.record_ids == ("4",) and test.class_counts["NSR"] == 1
    with pytest.raises(DatasetError, match="ptbxl: expected recordings of fold 10, found none"):
        select_part(ptbxl.subset([0, 1]), "test")
    assert data_sets_in(both) == ("cinc2020", "cpsc2018", "ptbxl")

"""The challenges of 2020 and 2021: sources, codes, patients, leads, and recordings that are faulty."""

import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.challenge_headers import stated_diagnoses
from einthoven.datasets.challenge_sources import FOLDERS
from einthoven.datasets.cinc2020 import INCART_RECORDINGS, open_cinc2020
from einthoven.errors import DatasetError
from einthoven.metrics.cinc2020 import CLASSES, SCORED_CLASSES
from einthoven.record import TWELVE_LEADS

Write = Callable[..., Path]


@pytest.fixture
def training(tmp_path: Path) -> Path:
    return tmp_path / "data" / "challenge-2020" / "1.0.2" / "training"


def _table(folder: Path, rows: str) -> None:
    folder.mkdir(parents=True)
    (folder / "ptbxl_database.csv").write_text(f"ecg_id,patient_id\n{rows}")


def test_every_source_of_both_challenges(training: Path, tmp_path: Path, write_twelve: Write) -> None:
    later = tmp_path / "data/challenge-2021/1.0.3/training"
    for number, (name, source) in enumerate(FOLDERS.items(), 1):
        base = later if source in ("chapman_shaoxing", "ningbo") else training
        write_twelve(base / name / "g1", f"X{number:05d}")
        write_twelve(base / name / "g12", f"Y{number:05d}")
    dataset = open_cinc2020(tmp_path / "data")
    assert (dataset.name, dataset.kind, dataset.classes) == ("cinc2020", "public", CLASSES)
    assert dataset.notes == ("ptb-xl: the patients of 2 of 2 recordings are not known, as they are in no "
                             "ptbxl_database.csv at hand: X00006, Y00006",)  # fmt: skip
    # The two packagings of CPSC 2018 are one source.
    expected = {source: 4 if source == "cpsc_2018" else 2 for source in FOLDERS.values()}
    assert Counter(entry.source for entry in dataset.entries) == expected
    assert list(dict.fromkeys(entry.source for entry in dataset.entries)) == list(expected)
    assert {entry.labels for entry in dataset.entries} == {("NSR",)}


@pytest.mark.parametrize("place", ["", "georgia", "..", "../.."])
def test_found_from_a_source_and_from_above(training: Path, write_twelve: Write, place: str) -> None:
    write_twelve(training / "georgia", "E00001")
    folder = (training / place).resolve()
    assert open_cinc2020(str(folder)).record_ids == ("E00001",)


def test_a_source_alone_stays_alone(training: Path, write_twelve: Write) -> None:
    write_twelve(training / "georgia", "E00001")
    write_twelve(training / "ptb/g1", "S0001", fs=1000)
    dataset = open_cinc2020(training / "ptb")
    assert dataset.record_ids == ("S0001",)
    assert dataset.read(0).fs == 1000


def test_codes_of_one_class_count_once_and_others_are_kept(training: Path, write_twelve: Write) -> None:
    for number, scored in enumerate(SCORED_CLASSES):
        write_twelve(training / "georgia", f"E{number:05d}", ",".join((*scored.codes, "164865005")))
    write_twelve(training / "georgia", "E00099", "164865005")
    write_twelve(training / "georgia", "E00100", "59931005,164884008,426783006,733534002")
    dataset = open_cinc2020(training)
    assert [entry.labels for entry in dataset.entries] == [
        *((name,) for name in CLASSES), (), ("NSR", "TInv")
    ]  # fmt: skip
    assert stated_diagnoses(dataset.read(len(dataset) - 2).comments) == ("164865005",)
    last = open_cinc2020(training, synonyms=True).entries[-1]
    assert last.labels == ("LBBB", "PVC", "NSR", "TInv")
    assert dataset.fingerprint() != open_cinc2020(training, synonyms=True).fingerprint()


def test_names_of_cpsc_2018_count_as_the_codes_given_to_them(training: Path, write_twelve: Write) -> None:
    for number, name in enumerate(("AF", "rbbb", "PVC", "Normal,STD")):
        write_twelve(training / "cpsc_2018_text", f"A{number:04d}", name)
    found = [entry.labels for entry in open_cinc2020(training).entries]
    assert found == [("AF",), ("RBBB",), (), ("NSR",)]
    assert open_cinc2020(training, synonyms=True).entries[2].labels == ("PVC",)


def test_patients_of_incart_are_the_published_ones(training: Path, write_twelve: Write) -> None:
    assert (len(INCART_RECORDINGS), sum(INCART_RECORDINGS)) == (32, 75)
    known = {"I0001": 1, "I0002": 1, "I0003": 2, "I0016": 8, "I0017": 8, "I0036": 16, "I0074": 32, "I75": 32}
    for name in (*known, "I0076", "I0000"):
        write_twelve(training / "st_petersburg_incart/g1", name, fs=257)
    dataset = open_cinc2020(training)
    found = {entry.record_id: entry.patient for entry in dataset.entries}
    assert found == {name: f"incart-{patient:02d}" for name, patient in known.items()} | {
        "I0076": None, "I0000": None
    }  # fmt: skip
    groups = dataset.patient_groups()
    assert groups is not None
    assert len(set(groups.tolist())) == 5 + 2
    assert dataset.read(0).fs == 257


def test_patients_of_ptbxl_come_from_its_table(training: Path, tmp_path: Path, write_twelve: Write) -> None:
    for name in ("HR00001", "HR00021", "HR21837"):
        write_twelve(training / "ptb-xl/g1", name)
    # PTB-XL lies beside the challenge and has the name of one of its sources.
    _table(tmp_path / "data/ptb-xl/1.0.3", "1,15709.0\n21,\n")
    for place in (tmp_path / "data", training, training / "ptb-xl"):
        dataset = open_cinc2020(place)
        assert [entry.patient for entry in dataset.entries] == ["15709", None, None]
        assert dataset.notes == ("ptb-xl: the patients of 2 of 3 recordings are not known, as they are in no "
                                 "ptbxl_database.csv at hand: HR00021, HR21837",)  # fmt: skip
    _table(tmp_path / "elsewhere", "1,1\n21,2\n21837,3\n")
    other = open_cinc2020(training, ptbxl=tmp_path / "elsewhere")
    assert ([entry.patient for entry in other.entries], other.notes) == (["1", "2", "3"], ())


LEADS_15 = (*(name.lower() for name in TWELVE_LEADS), "vx", "vy", "vz")


def test_leads_are_read_in_their_usual_order(training: Path, write_twelve: Write) -> None:
    georgia = training / "georgia"
    write_twelve(georgia, "E00001", leads=[name.upper() for name in reversed(TWELVE_LEADS)])
    write_twelve(georgia, "E00002", leads=LEADS_15)
    write_twelve(georgia, "E00003", leads=("V6", "II", "I"))
    write_twelve(georgia, "E00004", leads=("ECG", "RESP"))
    dataset = pickle.loads(pickle.dumps(open_cinc2020(training)))
    assert [dataset.read(index).leads for index in range(2)] == [TWELVE_LEADS] * 2
    np.testing.assert_allclose(dataset.signal(0)[:, 0], np.arange(11, -1, -1) / 1000, rtol=1e-6)
    np.testing.assert_allclose(dataset.signal(1)[:, 0], np.arange(12) / 1000, rtol=1e-6)
    assert dataset.read(2).leads == ("I", "II", "V6")
    np.testing.assert_allclose(dataset.signal(2)[:, 0], np.array([2, 1, 0]) / 1000, rtol=1e-6)
    assert set(dataset.notes) == {
        "georgia: recordings left out, as they have none of the twelve leads: 1 (E00004)",
        "georgia: 1 recordings lack some of the twelve leads: E00003 has I, II, V6",
        "georgia: 1 recordings have more than the twelve leads, which are not read: E00002",
    }


def test_what_cannot_be_used_is_left_out_and_counted(training: Path, write_twelve: Write) -> None:
    georgia = training / "georgia"
    write_twelve(georgia / "g1", "E00001", "164889003")
    write_twelve(georgia / "g2", "E00001", "426783006")
    write_twelve(training / "ningbo", "E00001", "426783006")
    write_twelve(georgia, "E00002", None)
    write_twelve(georgia, "E00003", "164889003,VT")
    write_twelve(georgia, "E00004").unlink()
    write_twelve(georgia, "E00005").with_suffix(".mat").unlink()
    write_twelve(georgia, "E00006").write_text("E00006 twelve\n")
    (georgia / "RECORDS").write_text("E00001\n")
    dataset = open_cinc2020(training)
    assert [(entry.record_id, entry.labels) for entry in dataset.entries] == [("E00001", ("AF",))]
    assert set(dataset.notes) == {
        "georgia: 1 recordings are there more than once, of which the first is taken: E00001",
        "ningbo: recordings left out, as they are in another source too: 1 (E00001)",
        "georgia: recordings left out, as they state no diagnosis (#Dx:): 1 (E00002)",
        "georgia: recordings left out, as they state a diagnosis that is no SNOMED CT code: 1 (E00003: VT)",
        "georgia: recordings left out, as they have no header: 1 (E00004)",
        "georgia: recordings left out, as they lack their signal file: 1 (E00005)",
        "georgia: recordings left out, as they have a header that cannot be read: 1 (E00006)",
    }


def test_without_a_source_or_a_diagnosis_it_says_so(
    training: Path, tmp_path: Path, write_twelve: Write
) -> None:
    with pytest.raises(DatasetError, match="in it or below it, such as training/georgia, found none"):
        open_cinc2020(tmp_path)
    write_twelve(training / "georgia", "E00001", "unknown")
    with pytest.raises(DatasetError, match=r"found none; georgia: recordings left out, as they state no"):
        open_cinc2020(training)


@pytest.mark.realdata
def test_the_recordings_that_are_here(data_folder: Path) -> None:
    training = data_folder / "challenge-2020/1.0.2/training"
    if not training.is_dir():
        pytest.skip("no recordings of the challenge here")
    dataset = open_cinc2020(data_folder)
    headers = {path.stem: path for name in FOLDERS for path in (training / name).glob("*.hea")}
    assert set(dataset.record_ids) == set(headers)
    codes = {code: one.abbreviations[0] for one in SCORED_CLASSES for code in one.codes}
    for entry in dataset.entries:
        assert entry.path == headers[entry.record_id]
        (line,) = [line for line in entry.path.read_text().splitlines() if line.startswith("#Dx:")]
        stated = line.removeprefix("#Dx:").strip().split(",")
        if entry.path.parent.name != "cpsc_2018_text":
            assert {codes[code] for code in stated if code in codes} == set(entry.labels)
    known = {entry.record_id: entry.patient for entry in dataset.entries if entry.patient is not None}
    assert set(known) <= {name for name in headers if name.startswith("HR")}
    assert dataset.read(0).leads == TWELVE_LEADS

"""CPSC 2018 in three packagings: numbers in a reference, names and codes in headers, and what is faulty."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from einthoven.datasets.cpsc2018 import CODES, open_cpsc2018
from einthoven.errors import DatasetError, FormatError
from einthoven.metrics.cpsc2018 import CLASSES
from einthoven.record import TWELVE_LEADS

Write = Callable[..., Path]
HEADER = "Recording,First_label,Second_label,Third_label\n"


def _original(folder: Path, names: tuple[str, ...], reference: str | None, n_leads: int = 12) -> Path:
    """Write recordings as the challenge published them, lead k holding k / 10 mV."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        data = np.repeat(np.arange(float(n_leads))[:, None] / 10, 20, axis=1)
        scipy.io.savemat(folder / f"{name}.mat", {"ECG": {"sex": "Female", "age": 61, "data": data}})
    if reference is not None:
        (folder / "REFERENCE.csv").write_text(reference)
    return folder


def _labels(folder: Path) -> dict[str, tuple[str, ...]]:
    return {entry.record_id: entry.labels for entry in open_cpsc2018(folder).entries}


def test_original_packaging(tmp_path: Path) -> None:
    reference = HEADER + "A0002,5,6,\nA0001,1,,\n\nA0003,9,2,7\n"
    _original(tmp_path / "TrainingSet3", ("A0003",), reference)
    _original(tmp_path / "TrainingSet1", ("A0001", "A0002"), None)
    dataset = open_cpsc2018(str(tmp_path))
    assert (dataset.name, dataset.kind, dataset.classes, dataset.notes) == (
        "cpsc2018", "public", CLASSES, ()
    )  # fmt: skip
    # The first label stays first: the challenge's score counts it.
    assert _labels(tmp_path) == {
        "A0001": ("Normal",), "A0002": ("RBBB", "PAC"), "A0003": ("STE", "AF", "PVC")
    }  # fmt: skip
    assert dataset.class_counts["AF"] == 1
    assert dataset.patient_groups() is None
    record = pickle.loads(pickle.dumps(dataset)).read(0)
    assert (record.fs, record.leads, dict(record.patient)) == (
        500.0, TWELVE_LEADS, {"age": "61", "sex": "female"}
    )  # fmt: skip
    np.testing.assert_allclose(record.signal[:, 0], np.arange(12) / 10, rtol=1e-6)


def test_names_and_codes_in_headers_mean_the_same(tmp_path: Path, write_twelve: Write) -> None:
    text, codes = tmp_path / "training/cpsc_2018_text", tmp_path / "training/cpsc_2018/g1"
    for number, (name, code) in enumerate(CODES.items(), 1):
        write_twelve(text, f"A{number:04d}", name)
        write_twelve(codes, f"A{number + 100:04d}", code)
    write_twelve(codes, "A0200", " 429622005, 164889003")
    found = _labels(tmp_path)
    assert [found[f"A{number:04d}"] for number in range(1, 10)] == [(name,) for name in CLASSES]
    assert [found[f"A{number:04d}"] for number in range(101, 110)] == [(name,) for name in CLASSES]
    assert found["A0200"] == ("STD", "AF")
    assert list(found) == sorted(found)


@pytest.mark.parametrize("above", ["", "data/challenge-2020/1.0.2/training", "data/challenge-2020", "data"])
def test_found_from_its_parents(tmp_path: Path, write_twelve: Write, above: str) -> None:
    write_twelve(tmp_path / "data/challenge-2020/1.0.2/training/cpsc_2018", "A0001", "AF")
    write_twelve(tmp_path / "data/challenge-2020/1.0.2/training/georgia", "E0001", "164889003")
    place = tmp_path / (above or "data/challenge-2020/1.0.2/training/cpsc_2018")
    assert _labels(place) == {"A0001": ("AF",)}


def test_of_several_packagings_the_codes_count(tmp_path: Path, write_twelve: Write) -> None:
    write_twelve(tmp_path / "cpsc_2018", "A0001", "164889003")
    write_twelve(tmp_path / "cpsc_2018_text", "A0001", "PVC")
    _original(tmp_path / "CPSC2018", ("A0001", "A0002"), "A0001,5\nA0002,3,NaN,NaN\n")
    dataset = open_cpsc2018(tmp_path)
    assert [entry.labels for entry in dataset.entries] == [("AF",), ("I-AVB",)]
    assert dataset.notes == ("1 recordings are there more than once, of which the first is taken: A0001",)


def test_what_cannot_be_used_is_left_out_and_counted(tmp_path: Path, write_twelve: Write) -> None:
    for name, dx in (
        ("A0001", "AF"),
        ("A0002", "AF,VT"),
        ("A0003", None),
        ("A0004", "nan"),
        ("A0005", ""),
    ):
        write_twelve(tmp_path, name, dx)
    write_twelve(tmp_path, "A0006").with_suffix(".mat").unlink()
    write_twelve(tmp_path, "A0007").write_text("no header")
    write_twelve(tmp_path, "A0008").unlink()
    dataset = open_cpsc2018(tmp_path)
    assert dataset.record_ids == ("A0001",)
    assert set(dataset.notes) == {
        "recordings left out, as they state a diagnosis that is none of the nine: 1 (A0002: VT)",
        "recordings left out, as they state no diagnosis (#Dx:): 3 (A0003, A0004, A0005)",
        "recordings left out, as they lack their signal file: 1 (A0006)",
        "recordings left out, as they have a header that cannot be read: 1 (A0007)",
        "1 signal files have neither a header nor a row in REFERENCE.csv and are left out: A0008",
    }


def test_reference_and_recordings_that_do_not_match_are_counted(tmp_path: Path) -> None:
    _original(tmp_path, ("A0001", "A0009"), HEADER + "A0001,2,2,\nA0002,1,,\nA0003,1,,\n")
    dataset = open_cpsc2018(tmp_path)
    assert [(entry.record_id, entry.labels) for entry in dataset.entries] == [("A0001", ("AF",))]
    assert dataset.notes == (
        "2 of the 3 recordings in REFERENCE.csv are not in the folder: A0002, A0003",
        "1 signal files have neither a header nor a row in REFERENCE.csv and are left out: A0009",
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A0002,,,", "line 3: expected 1 to 3 classes from 1 to 9, found ',,'"),
        ("A0002,10,,", "expected 1 to 3 classes from 1 to 9, found '10,,'"),
        ("A0002,AF", "expected 1 to 3 classes from 1 to 9, found 'AF'"),
        ("A0002,1,2,3,4", "expected 1 to 3 classes"),
        ("B0002,1,,", "expected a recording such as A0001, found 'B0002'"),
        ("A00002,1,,", "expected a recording such as A0001, found 'A00002'"),
        ("A0001,3,,", "expected each recording once, found A0001 again"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    _original(tmp_path, ("A0001",), f"{HEADER}A0001,1,,\n{row}\n")
    with pytest.raises(DatasetError, match=rf"REFERENCE\.csv, line 3.*{message.removeprefix('line 3')}"):
        open_cpsc2018(tmp_path)


def test_without_labels_or_recordings_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected CPSC 2018 in it or below it, found no recordings"):
        open_cpsc2018(tmp_path)
    _original(tmp_path, ("A0001",), None)
    with pytest.raises(DatasetError, match="with labels, found none; 1 signal files have neither a header"):
        open_cpsc2018(tmp_path)
    (tmp_path / "REFERENCE.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(DatasetError, match=r"REFERENCE\.csv: expected a table of recordings and labels"):
        open_cpsc2018(tmp_path)


def test_a_damaged_signal_file_is_an_error_when_read(tmp_path: Path) -> None:
    _original(tmp_path, ("A0001",), "A0001,1\n")
    (tmp_path / "A0001.mat").write_bytes(b"nothing of the kind")
    with pytest.raises(FormatError, match=r"A0001\.mat"):
        open_cpsc2018(tmp_path).read(0)


@pytest.mark.realdata
def test_the_recordings_that_are_here(data_folder: Path) -> None:
    text = data_folder / "challenge-2020/1.0.2/training/cpsc_2018_text"
    if not text.is_dir():
        pytest.skip("no recordings of CPSC 2018 here")
    dataset = open_cpsc2018(data_folder)
    assert dataset.notes == ()
    headers = {path.stem: path.read_text() for path in text.glob("*.hea")}
    found = {entry.record_id: entry.labels for entry in dataset.entries}
    assert headers.keys() <= found.keys()
    for name, header in headers.items():
        (line,) = [line for line in header.splitlines() if line.startswith("#Dx:")]
        assert ",".join(found[name]) == line.removeprefix("#Dx:").strip()
    record = dataset.read(0)
    assert (record.fs, record.leads) == (500.0, TWELVE_LEADS)

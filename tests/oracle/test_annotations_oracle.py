"""Annotation files that einthoven writes, read by wfdb, and the other way round."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from einthoven.formats import read_record, write_wfdb
from einthoven.formats.annotations import read_annotations, write_annotations
from einthoven.record import Annotation, Record

with warnings.catch_warnings():
    # The package's own use of pandas is deprecated; that is not ours to mend.
    warnings.simplefilter("ignore")
    import wfdb

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

FAR = Annotation(np.array([0, 1, 1024, 1025, 2049, 70_000, 200_000_000, 200_000_000]), tuple("NSVFQN+~"))
"""Steps of 0, of more than 1023 (SKIP), and of more than 16 bits."""


def random_marks(n: int, *, with_notes: bool = False) -> Annotation:
    rng = np.random.default_rng(n)
    samples = np.sort(rng.integers(0, 650_000, n))
    notes = tuple("x" * int(k) for k in rng.integers(0, 40, n)) if with_notes else ()
    return Annotation(samples, tuple(rng.choice(list("NSVFQ"), n)), notes)


@pytest.mark.parametrize("fs", [360.0, 128.5, 1000.0])
@pytest.mark.parametrize("marks", [FAR, random_marks(3000), random_marks(50, with_notes=True)])
def test_wfdb_reads_what_is_written(tmp_path: Path, marks: Annotation, fs: float) -> None:
    write_annotations(marks, fs, tmp_path / "x.atr")
    found = wfdb.rdann(str(tmp_path / "x"), "atr")
    np.testing.assert_array_equal(found.sample, marks.samples)
    assert tuple(found.symbol) == marks.symbols
    assert tuple(found.aux_note) == (marks.notes or ("",) * len(marks.symbols))
    assert found.fs == fs


def test_no_beat_at_all_is_a_file_too(tmp_path: Path) -> None:
    write_annotations(Annotation(np.array([], np.int64), ()), 360.0, tmp_path / "x.atr")
    found = wfdb.rdann(str(tmp_path / "x"), "atr")
    assert (len(found.sample), found.fs) == (0, 360)


def test_what_wfdb_writes_is_read_and_written_so_that_wfdb_sees_no_difference(tmp_path: Path) -> None:
    marks = random_marks(500)
    write_wfdb(Record(np.zeros((1, 650_000), np.float32), 360.0, ("II",), name="x"), tmp_path)
    wfdb.wrann("x", "qrs", marks.samples, list(marks.symbols), fs=360, write_dir=str(tmp_path))
    found = read_annotations(read_record(tmp_path / "x.hea"), "qrs")
    np.testing.assert_array_equal(found.samples, marks.samples)
    assert found.symbols == marks.symbols
    write_annotations(found, 360.0, tmp_path / "y.qrs")
    theirs, ours = (wfdb.rdann(str(tmp_path / name), "qrs") for name in "xy")
    for field in ("sample", "symbol", "subtype", "chan", "num", "aux_note", "fs"):
        np.testing.assert_array_equal(getattr(ours, field), getattr(theirs, field))


@pytest.mark.realdata
def test_real_annotations_come_back_the_same(data_folder: Path, tmp_path: Path) -> None:
    record = read_record(next(data_folder.rglob("mitdb/1.0.0/119.hea")))
    assert record.annotations is not None
    write_annotations(record.annotations, record.fs, tmp_path / "119.atr")
    found = wfdb.rdann(str(tmp_path / "119"), "atr")
    theirs = wfdb.rdann(record.path.removesuffix(".hea"), "atr")
    np.testing.assert_array_equal(found.sample, theirs.sample)
    assert found.symbol == theirs.symbol
    assert found.aux_note == [note.rstrip("\0") for note in theirs.aux_note]

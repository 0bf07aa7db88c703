"""Ectopic beats in a row, on rows written out."""

from pathlib import Path

import numpy as np
import pytest

from einthoven.aami import CLASSES, beats_of
from einthoven.formats import read_record
from einthoven.signal.ectopy import Ectopy, Episode, find_ectopy


def ectopy(row: str, of: str = "V") -> Ectopy:
    """What V (or another class) does in a row of beats, one a second; `|` is a break."""
    labels = np.array(list(row.replace("|", "")), "U1")
    n_before = [len(part) for part in row.split("|")]
    joined = np.ones(max(len(labels) - 1, 0), bool)
    joined[np.cumsum(n_before)[:-1] - 1] = False
    return find_ectopy(100 * np.arange(1, len(labels) + 1), 100, labels == of, labels == "N", joined)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ("", (0, 0, 0, [])),
        ("NNN", (0, 0, 0, [])),
        ("V", (1, 0, 0, [])),
        ("NVNVVNVVVNVVVVN", (1, 1, 1, [3, 4])),
        ("VV|VV", (0, 2, 0, [])),
        ("VFVSV", (3, 0, 0, [])),
        ("VVVVV", (0, 0, 0, [5])),
    ],
)
def test_rows_are_counted_by_their_length(row: str, counts: tuple[int, int, int, list[int]]) -> None:
    found = ectopy(row)
    assert (found.isolated, found.couplets, found.triplets, [run.n_beats for run in found.runs]) == counts


def test_a_run_has_its_place_and_its_rate() -> None:
    labels = np.array(list("NVVVN"))
    found = find_ectopy([100, 160, 200, 250, 400], 100, labels == "V", labels == "N", [True] * 4)
    (run,) = found.runs
    assert (run.first, run.n_beats, run.start_s, run.end_s) == (1, 3, 1.6, 2.5)
    # Two intervals in 0.9 s.
    assert run.rate_bpm == pytest.approx(60 * 2 / 0.9)


def test_classes_are_told_apart() -> None:
    assert ectopy("SSNVVV", "S").couplets == 1
    assert ectopy("SSNVVV", "S").runs == ()


@pytest.mark.parametrize(
    ("row", "bigeminy", "trigeminy"),
    [
        ("NVNVNVN", [Episode(3, 2, 6)], []),
        ("VNVNN", [], []),
        ("VNVNVNNVNVNVNV", [Episode(3, 1, 5), Episode(4, 8, 14)], []),
        ("VNV|NVNV", [], []),
        ("VSVSV", [], []),
        ("VNVVNV", [], []),
        ("VNNVNNVNNV", [], [Episode(4, 1, 10)]),
        ("VNSVNNV", [], []),
        ("VNVNVNNVNNV", [Episode(3, 1, 5)], [Episode(3, 5, 11)]),
    ],
)
def test_beats_that_take_turns(row: str, bigeminy: list[Episode], trigeminy: list[Episode]) -> None:
    found = ectopy(row)
    assert (list(found.bigeminy), list(found.trigeminy)) == (bigeminy, trigeminy)


@pytest.mark.realdata
def test_episodes_are_those_that_cardiologists_marked(data_folder: Path) -> None:
    record = read_record(next(data_folder.rglob("mitdb/1.0.0/119.hea")))
    assert record.annotations is not None
    rpeaks, classes = beats_of(record.annotations)
    labels = np.array(CLASSES)[classes]
    found = find_ectopy(rpeaks, record.fs, labels == "V", labels == "N", np.ones(len(rpeaks) - 1, bool))
    starts = record.annotations.samples[np.array(record.annotations.notes) == "(B"] / record.fs
    marked = [min(abs(start - episode.start_s) for episode in found.bigeminy) < 2 for start in starts]
    assert np.mean(marked) > 0.9
    assert len(found.bigeminy) == len(starts)

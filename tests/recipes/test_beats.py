"""The recipe of the package's own heartbeat network: what it cuts, how it divides, what it refuses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.aami import CLASSES
from einthoven.datasets.heartbeats import cut_beats
from einthoven.datasets.mitdb import DS1, DS2, PACED, open_mitdb
from einthoven.datasets.parts import parts_of, select_part
from einthoven.errors import SettingsError
from einthoven.formats import write_wfdb
from einthoven.networks import build_network
from einthoven.recipes import RECIPES
from einthoven.signal.beats import AroundRPeaks
from einthoven.signal.simulated import simulate
from einthoven.training.folds import split_dataset
from einthoven.training.protocol import Protocol
from einthoven.training.settings import resolve

BEATS = RECIPES["beats"]


def protocol(**options: str) -> Protocol:
    return BEATS.protocol(BEATS.budgets[0], **options)


def test_rows_network_and_cut_fit_each_other() -> None:
    found = protocol()
    assert found.cut == AroundRPeaks(training=True) and found.leads == found.cut.rows
    assert found.n_leads == 3 and found.classes == CLASSES
    network = build_network(found.network, n_leads=found.n_leads, n_classes=len(CLASSES))
    assert sum(p.numel() for p in network.parameters()) == 182_241
    rows = np.zeros((18, 150), np.float32)
    assert found.pipeline(rows, 125.0)[0].shape == (3, 150)
    assert found.augment_after == 0  # The views are there when augmentation draws from them.


@pytest.mark.parametrize(
    ("split", "by", "part"),
    [
        ("ds1", "patient", "ds1"),
        ("inter-patient", "patient", "inter-patient"),
        ("inter-patient-classical", "patient", "inter-patient-classical"),
        ("random", "beat", ""),
    ],
)
def test_splits(split: str, by: str, part: str) -> None:
    found = protocol(split=split)
    assert (found.split_by, found.part) == (by, part)
    # A chain needs the successive beats of a recording to be held out together.
    assert (found.chain_strength > 0) is (by == "patient")
    assert not part or part in parts_of("mitdb")
    assert Protocol.from_json(found.to_json()) == found


NAMES = ("101", "106", "108", "109", "112", "201", "100", "103", "202", "102")
"""Some of DS1, with 201, whose patient is that of 202; some of DS2; one that is paced."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulated hearts with ectopic beats that only have MIT-BIH's names."""
    place = tmp_path_factory.mktemp("data") / "mitdb" / "1.0.0"
    for seed, name in enumerate(NAMES):
        made = simulate("ectopy", duration_s=12, fs=250, leads=("II", "V1"), seed=seed)
        write_wfdb(replace(made, leads=("MLII", "V1"), name=name, comments=()), place, name=name)
    return place.parents[1]


def divided(database: Path, found: Protocol, fold: int | None) -> tuple[set[str], set[str]]:
    """The recordings whose beats train (or decide when to stop), and those whose beats test."""
    assert found.cut is not None
    whole = open_mitdb(database)
    assert set(whole.record_ids) == set(NAMES)
    beats = cut_beats(select_part(whole, found.part), found.cut)
    _, split = split_dataset(found, beats, fold)
    train, test = (
        {beats.entries[index].recording or "" for index in indices}
        for indices in (np.r_[split.train, split.validation], split.test)
    )
    assert len(split.train) + len(split.validation) + len(split.test) == len(beats)
    return train, test


def test_the_default_split_looks_at_no_recording_of_ds2(database: Path) -> None:
    found, tested = protocol(), set[str]()
    for fold in range(found.n_folds):
        train, test = divided(database, found, fold)
        assert train and test and not train & test
        assert train | test == {"101", "106", "108", "109", "112"} <= set(DS1)
        tested |= test
    assert tested == {"101", "106", "108", "109", "112"}
    # What is trained on everything has seen no more.
    assert divided(database, found, None) == (tested, set())


def test_the_split_between_patients_trains_on_ds1_without_201_and_tests_on_ds2(database: Path) -> None:
    for split, classical in (("inter-patient", set()), ("inter-patient-classical", {"201"})):
        found = protocol(split=split)
        train, test = divided(database, found, BEATS.fold_of(found))
        assert train == {"101", "106", "108", "109", "112"} | classical
        assert test == {"100", "103", "202"} <= set(DS2)


def test_the_split_at_random_has_the_same_recordings_on_both_sides(database: Path) -> None:
    train, test = divided(database, protocol(split="random"), 0)
    assert train == test == set(NAMES)


def test_no_run_chooses_anything_on_data() -> None:
    found = protocol()
    (phase,) = found.phases
    assert not found.use_validation and phase.patience is None and phase.schedule == "one-cycle"


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ({"cut.training": "false"}, "leads beat, usual beat, rhythm and shape, as the cut gives them"),
        ({"cut.before_s": "0.8"}, "network.n_samples of 175, as the cut gives, found 150"),
        ({"network.n_features": "40"}, "network.n_features of 46, as the cut gives, found 40"),
        ({"cut.before_s": "0.1"}, "expected before_s from 0.28"),
        ({"split_by": "beat"}, "chain_strength 0 where no successive heartbeats are held out"),
        ({"chain_strength": "1.5"}, "expected chain_strength from 0 to 1, found 1.5"),
    ],
)
def test_what_makes_no_sense_is_refused(override: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        resolve(protocol(), override)


def test_settings_that_fit_are_taken() -> None:
    longer = resolve(protocol(), {"cut.before_s": "0.8", "network.n_samples": "175"})
    assert longer.cut is not None and longer.cut.n_samples == 175


@pytest.mark.parametrize("options", [{"split": "ds2"}, {"network": "cnn"}])
def test_unknown_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        protocol(**options)


@pytest.mark.realdata
def test_folds_of_ds1_keep_patients_apart_and_leave_out_201_and_the_paced(data_folder: Path) -> None:
    recordings = open_mitdb(data_folder, "ds1")
    found = {entry.record_id for entry in recordings.entries}
    assert found == set(DS1) - {"201"} and not found & {*DS2, *PACED}
    cut = protocol().cut
    assert cut is not None
    beats = cut_beats(recordings.subset(range(5)), cut)
    assert beats.read(0).signal.shape == (18, 150)
    _, split = split_dataset(protocol(), beats, 0)
    sides = [{beats.entries[index].patient for index in side} for side in (split.train, split.test)]
    assert len(sides[0]) == 4 and len(sides[1]) == 1 and not sides[0] & sides[1]
    assert len(split.validation) == 0

"""The recipe of the package's own heartbeat network: what it cuts, how it divides, what it refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.datasets.heartbeats import cut_beats
from einthoven.datasets.mitdb import CLASSES, DS1, DS2, PACED, open_mitdb
from einthoven.datasets.parts import parts_of
from einthoven.errors import SettingsError
from einthoven.networks import build_network
from einthoven.recipes import RECIPES
from einthoven.signal.beats import AroundRPeaks
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


def test_the_default_split_looks_at_no_recording_of_ds2() -> None:
    assert protocol() == protocol(split="ds1")
    assert not set(DS2) & set(DS1)


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

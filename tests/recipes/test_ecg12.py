"""Twelve leads, any of which may be missing: what each budget trains, on which folds, and how large it is."""

from collections import defaultdict
from importlib.resources import files
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import check_apart
from einthoven.datasets.dataset import Dataset
from einthoven.datasets.twelve_leads import CLASSES, open_twelve_leads
from einthoven.errors import SettingsError
from einthoven.metrics.cinc2020 import CLASSES as CHALLENGE_CLASSES
from einthoven.networks import build_network
from einthoven.recipes import RECIPES
from einthoven.recipes.ecg12 import LABELS, Options
from einthoven.record import TWELVE_LEADS
from einthoven.training.augmentation import LeadDropout
from einthoven.training.folds import split_dataset

ECG12 = RECIPES["ecg12"]
LARGEST_BUNDLE = 10_000_000
"""Bytes of the bundle: what an installation may grow by for it."""


def test_it_reads_twelve_leads_of_which_any_may_be_missing() -> None:
    protocol = ECG12.protocol()
    assert (protocol.leads, protocol.n_leads, protocol.may_lack_leads) == (TWELVE_LEADS, 12, True)
    # What may be missing is missing in training.
    assert any(isinstance(step, LeadDropout) for step in protocol.augmentations)
    assert ECG12.dataset == "twelve-leads"


def test_it_tells_29_classes_each_of_which_has_its_words() -> None:
    protocol = ECG12.protocol()
    assert protocol.classes == CLASSES and len(CLASSES) == 29
    assert protocol.is_multi_label and protocol.loss == "binary-cross-entropy"
    assert tuple(label.name for label in LABELS) == CLASSES
    assert all(label.meaning for label in LABELS)
    # No code of SNOMED CT means a superclass of PTB-XL.
    assert [bool(label.snomed) for label in LABELS] == [name in CHALLENGE_CLASSES for name in CLASSES]


def test_its_network_is_small() -> None:
    protocol = ECG12.protocol()
    network = build_network(protocol.network, n_leads=12, n_classes=29)
    assert sum(weight.numel() for weight in network.parameters()) == 374_164


@pytest.mark.parametrize(("budget", "epochs"), [("cpu", 40), ("gpu", 80)])
def test_each_budget_is_one_cycle_that_chooses_nothing(budget: str, epochs: int) -> None:
    protocol = ECG12.protocol(budget)
    (phase,) = protocol.phases
    assert (phase.epochs, phase.schedule, phase.learning_rate) == (epochs, "one-cycle", 3e-3)
    assert (protocol.n_folds, protocol.split_by, protocol.use_validation) == (9, "patient", False)
    assert (protocol.batch_size, protocol.ema) == (32, 0.99)


def test_there_are_two_budgets() -> None:
    assert ECG12.budgets == ("cpu", "gpu")
    with pytest.raises(SettingsError, match="paper"):
        ECG12.protocol("paper")


def test_sources_are_left_out_in_turn_on_demand() -> None:
    protocol = ECG12.protocol(split="source")
    assert protocol.split_by == "source"
    assert not ECG12.protocol(augment=False).augmentations
    with pytest.raises(SettingsError, match="expected split of patient, source"):
        Options(split="hospital")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("budget", "split", "augment"), [*product(ECG12.budgets, ("patient", "source"), (True, False))]
)
def test_a_run_is_told_by_its_options(budget: str, split: str, augment: bool) -> None:
    protocol = ECG12.protocol(budget, split=split, augment=augment)
    expected = {"split": split} if split == "source" else {}
    expected |= {} if augment else {"augment": False}
    assert ECG12.closest(budget, protocol) == (expected, protocol)


def test_the_shipped_bundle_is_no_larger_than_it_may_be() -> None:
    assert 1_000_000 < len((files("einthoven.zoo") / "ecg12.einthoven").read_bytes()) < LARGEST_BUNDLE


@pytest.fixture(scope="module")
def combined(request: pytest.FixtureRequest) -> Dataset:
    """The real recordings of twelve leads."""
    folder: Path = request.getfixturevalue("data_folder")
    return open_twelve_leads(folder)


@pytest.mark.realdata
def test_the_folds_of_the_real_recordings_keep_patients_apart(combined: Dataset) -> None:
    protocol = ECG12.protocol()
    folds_of = defaultdict(set)
    tested: list[int] = []
    for fold in range(protocol.n_folds):
        _, split = split_dataset(protocol, combined, fold)
        tested += split.test.tolist()
        train, test = ([combined.entries[row] for row in rows] for rows in (split.train, split.test))
        check_apart(train, test)
        for entry in test:
            if entry.patient is not None:
                folds_of[entry.source, entry.patient].add(fold)
    assert folds_of and all(len(folds) == 1 for folds in folds_of.values())
    # Each recording is tested once.
    assert np.array_equal(np.sort(tested), np.arange(len(combined)))


@pytest.mark.realdata
def test_no_recording_of_the_challenges_copy_of_ptbxl_is_among_the_real_ones(combined: Dataset) -> None:
    assert combined.record_ids
    assert not [name for name in combined.record_ids if name.startswith("HR")]
    assert "ptbxl" in {entry.source for entry in combined.entries}
    assert 10 not in {entry.fold for entry in combined.entries if entry.source == "ptbxl"}

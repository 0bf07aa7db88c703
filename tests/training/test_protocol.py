"""Protocols: what they refuse, and their way to JSON and back."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from einthoven.errors import SettingsError
from einthoven.networks import BeatNet
from einthoven.recipes import RECIPES
from einthoven.signal.beats import AroundRPeaks
from einthoven.training.protocol import Phase, Protocol
from einthoven.training.settings import resolve


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_json_gives_every_recipes_protocol_back(name: str) -> None:
    for budget in RECIPES[name].budgets:
        protocol = RECIPES[name].protocol(budget)
        assert Protocol.from_json(json.loads(json.dumps(protocol.to_json()))) == protocol


@pytest.mark.parametrize("spoil", [{"recipy": "x"}, {"network": {"network": "other"}}, {"pipeline": None}])
def test_json_of_another_kind_is_refused(spoil: dict[str, object], rhythm: Protocol) -> None:
    with pytest.raises(SettingsError):
        Protocol.from_json(rhythm.to_json() | spoil)


@pytest.mark.parametrize(
    "override",
    [
        {"batch_size": "0"},
        {"n_folds": "1"},
        {"class_weights": "power:x"},
        {"class_weights": "other"},
        {"scored": "N,X"},
        {"augment_after": "9"},
        {"split": "random"},
        {"continue_on_union": "3"},
        {"phases.0.epochs": "0"},
        {"continue_on_union": "-1"},
        {"seed": "-1"},
        {"class_weights": "power:nan"},
        {"class_weights": "power:inf"},
        *({"ema": text} for text in ("nan", "1", "-0.1")),
        *({"label_smoothing": text} for text in ("nan", "1", "-0.1")),
        *({"teacher_weight": text} for text in ("nan", "1.1", "-0.1")),
        *({"teacher_temperature": text} for text in ("nan", "0", "inf")),
        *({"gradient_clip": text} for text in ("nan", "0")),
        *({"phases.0.learning_rate": text} for text in ("nan", "0", "inf")),
        *({"phases.0.weight_decay": text} for text in ("nan", "-1", "inf")),
        {"phases.0.pct_start": "nan"},
        {"phases.0.patience": "0"},
        {"phases.0.not_before": "-1"},
        {"use_validation": "true", "continue_on_union": "3", "split": "production"},
        {"phases.0.pct_start": "1"},
        {"phases.0.optimizer": "lbfgs"},
        {"phases.0.freeze_convolutions": "true"},
        {"augmentations.0.probability": "1.5"},
        {"augmentations.0.low": "-1"},
        {"network.kernel": "4"},
        {"leads": "none"},
    ],
)
def test_a_value_out_of_range_is_refused(override: dict[str, str], rhythm: Protocol) -> None:
    with pytest.raises(SettingsError):
        resolve(rhythm, override)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ({"phases.0.train_last": "0"}, "train_last of at least 1"),
        ({"phases.0.train_last": "4"}, "at most 3, the fully connected layers of heartbeat-cnn, found 4"),
        ({"phases.0.plateau_patience": "0"}, "plateau_patience of at least 1"),
        ({"phases.0.monitor": "accuracy"}, "phases.0.monitor: expected one of f1, loss"),
        ({"use_validation": "false"}, "schedule plateau needs a validation part"),
        ({"split_by": "recording"}, "split_by: expected one of patient, beat"),
        ({"n_validation_parts": "1"}, "n_validation_parts of at least 2"),
        ({"network.n_samples": "200"}, "network.n_samples of 187, as the cut gives, found 200"),
        ({"cut.n_samples": "200"}, "network.n_samples of 200, as the cut gives, found 187"),
        ({"leads": "I"}, "leads beat, as the cut gives them, found I"),
    ],
)
def test_what_makes_no_sense_for_heartbeats_is_refused(
    override: dict[str, str], said: str, heartbeat: Protocol
) -> None:
    with pytest.raises(SettingsError, match=said):
        resolve(heartbeat, override)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chain_strength": 0.3, "split_by": "beat"}, "chain_strength 0 where no successive heartbeats"),
        ({"chain_strength": float("nan")}, "chain_strength from 0 to 1"),
        ({"leads": ("beat",)}, r"leads beat, usual beat, .* found beat$"),
        ({"network": BeatNet(n_features=45)}, "network.n_features of 46, as the cut gives, found 45"),
        ({"network": BeatNet(n_samples=151)}, "network.n_samples of 150, as the cut gives, found 151"),
    ],
)
def test_what_does_not_fit_the_cut_is_refused(change: dict[str, Any], said: str, own_beats: Protocol) -> None:
    with pytest.raises(SettingsError, match=said):
        replace(own_beats, **change)


def test_a_chain_is_of_heartbeats_only(rhythm: Protocol) -> None:
    assert (rhythm.cut, rhythm.part, rhythm.chain_strength) == (None, "", 0.0)
    with pytest.raises(SettingsError, match="chain_strength 0 where no successive heartbeats"):
        replace(rhythm, chain_strength=0.1)


def test_a_network_of_heartbeats_reads_the_rows_that_serve(own_beats: Protocol, rhythm: Protocol) -> None:
    assert (len(own_beats.leads), own_beats.n_leads) == (18, 3)
    assert rhythm.n_leads == len(rhythm.leads) == 1
    again = Protocol.from_json(json.loads(json.dumps(own_beats.to_json())))
    assert again == own_beats and again.cut == AroundRPeaks(training=True) and again.part == "ds1"
    # Runs of the published figures state neither.
    old = {k: v for k, v in rhythm.to_json().items() if k not in ("cut", "part", "chain_strength")}
    assert Protocol.from_json(old) == rhythm
    with pytest.raises(SettingsError, match="expected a cut among SevenSteps, AroundRPeaks, found Other"):
        Protocol.from_json(own_beats.to_json() | {"cut": {"cut": "Other"}})


def test_settings_of_heartbeats_are_taken(heartbeat: Protocol, rhythm: Protocol) -> None:
    last = resolve(heartbeat, {"phases.0.train_last": "3", "phases.0.schedule": "constant"})
    assert last.phases[0].train_last == 3
    longer = resolve(heartbeat, {"cut.n_samples": "200", "network.n_samples": "200"})
    assert longer.cut is not None
    assert longer.cut.n_samples == 200
    with pytest.raises(SettingsError, match="at most 0, the fully connected layers of rhythm"):
        resolve(rhythm, {"phases.0.train_last": "1"})


def test_values_at_the_ends_of_their_ranges_are_taken(rhythm: Protocol) -> None:
    ends = {"ema": "0", "label_smoothing": "0", "teacher_weight": "1", "phases.0.weight_decay": "0"}
    assert resolve(rhythm, ends).teacher_weight == 1.0
    assert resolve(rhythm, {"ema": "none", "gradient_clip": "none"}).gradient_clip is None
    union = resolve(rhythm, {"use_validation": "true", "continue_on_union": "3"})
    assert union.continue_on_union == 3


def test_the_name_of_the_recipe_is_no_setting(rhythm: Protocol) -> None:
    with pytest.raises(SettingsError, match="unknown setting recipe") as caught:
        resolve(rhythm, {"recipe": "other"})
    assert "recipe" not in str(caught.value).partition("known here: ")[2]


def test_overrides_reach_network_phases_pipeline_and_augmentations(rhythm: Protocol) -> None:
    changed = resolve(
        rhythm, {"network.recurrent": "3", "phases.0.epochs": "9", "pipeline.steps.2.fs": "50", "leads": "II"}
    )
    assert changed.network == replace(rhythm.network, recurrent=3)
    assert changed.phases[0].epochs == 9
    assert changed.pipeline.to_json()[2] == {"step": "Resample", "fs": 50.0}
    assert changed.n_leads == 1
    assert resolve(rhythm, {"augmentations": "none"}).augmentations == ()


def test_the_pipeline_is_cut_where_augmentation_happens(rhythm: Protocol) -> None:
    cut = replace(rhythm, augment_after=2)
    assert cut.cached_pipeline.steps + cut.epoch_pipeline.steps == rhythm.pipeline.steps
    assert len(cut.cached_pipeline.steps) == 2


def test_a_phase_chooses_the_head_of_its_network(phased: Protocol, rhythm: Protocol) -> None:
    heads = [phased.network_of(phase) for phase in phased.phases]
    assert [network.head for network in heads] == ["mean", "lstm", "lstm"]  # type: ignore[union-attr]
    with pytest.raises(SettingsError, match="no head"):
        rhythm.network_of(Phase(head="mean"))


def test_declaring_a_protocol_needs_no_torch() -> None:
    code = (
        "import sys, einthoven.recipes as r; r.RECIPES['rhythm'].resolve('cpu', {'ema': 'none'}).to_json(); "
    )
    heavy = "print([m for m in ('torch', 'lightning', 'scipy.signal', 'soxr') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code + heavy], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

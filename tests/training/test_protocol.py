"""Protocols: what they refuse, and their way to JSON and back."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from einthoven.errors import SettingsError
from einthoven.recipes import RECIPES
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
        {"phases.0.optimizer": "sgd"},
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

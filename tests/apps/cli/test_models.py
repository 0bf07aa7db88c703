"""`einthoven models --card`: the card and its picture, for shipped models and for files."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from several_labels import THRESHOLDS, twelve_lead_bundle

from einthoven.apps.card import model_card
from einthoven.bundle import Bundle, Label, write_bundle


def test_a_card_and_its_picture_are_written(
    run, tiny_model: Path, tiny_bundle: Bundle, tmp_path: Path
) -> None:
    folder = tmp_path / "cards"
    result = run("models", tiny_model, "--card", folder, "--format", "json")
    assert result.code == 0, result.err
    paths = {"card": str(folder / "tiny.md"), "picture": str(folder / "tiny-reliability.svg")}
    assert json.loads(result.out) == {"name": "tiny", **paths}
    assert result.err.splitlines() == [
        f"wrote {paths['card']} (card of tiny)",
        f"wrote {paths['picture']} (reliability of tiny)",
    ]
    assert (folder / "tiny.md").read_text() == model_card(tiny_bundle)
    assert sorted(path.name for path in folder.iterdir()) == ["tiny-reliability.svg", "tiny.md"]
    first = (folder / "tiny-reliability.svg").read_bytes()
    assert run("models", tiny_model, "--card", folder).code == 0
    assert (folder / "tiny-reliability.svg").read_bytes() == first


def test_a_shipped_model_is_found_by_name(run, tmp_path: Path) -> None:
    assert run("models", "rhythm", "--card", tmp_path).code == 0
    assert (tmp_path / "rhythm.md").read_text().startswith("# rhythm ")
    assert json.loads(run("models", "rhythm", "--format", "json").out)["name"] == "rhythm"


@pytest.mark.parametrize("name", ["../up", "/root", ".hidden", "a\\b", "a\nb"])
def test_a_name_does_not_lead_out_of_the_folder(run, tiny_bundle: Bundle, tmp_path: Path, name: str) -> None:
    write_bundle(replace(tiny_bundle, name=name), tmp_path / "odd.einthoven")
    result = run("models", tmp_path / "odd.einthoven", "--card", tmp_path / "cards")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "expected a model's name of letters" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["odd.einthoven"]


def test_one_card_does_not_replace_another(run, tiny_model: Path, tmp_path: Path) -> None:
    result = run("models", tiny_model, tiny_model, "--card", tmp_path)
    assert result.code == 2
    assert "found 'tiny' twice" in result.err


def test_what_a_model_answers_is_stated(run, tiny_model: Path, tiny_beats: Bundle, tmp_path: Path) -> None:
    chain = {"counts": [[1.0] * 5] * 5, "strength": 0.4}
    write_bundle(replace(tiny_beats, chain=chain), tmp_path / "beats.einthoven")
    result = run("models", tiny_model, tmp_path / "beats.einthoven", "--format", "json")
    recordings, beats = (json.loads(line) for line in result.out.splitlines())
    assert (recordings["unit"], recordings["cut"], recordings["chain"]) == ("recording", None, None)
    assert (beats["unit"], beats["cut"]["cut"], beats["chain"]) == ("heartbeat", "AroundRPeaks", chain)


def test_models_of_heartbeats_have_cards_and_are_listed(
    run, tiny_beats: Bundle, tiny_model: Path, tmp_path: Path
) -> None:
    write_bundle(tiny_beats, tmp_path / "beats.einthoven")
    listed = run("models", tmp_path / "beats.einthoven", tiny_model)
    assert listed.code == 0
    assert "one of N, S, V, F, Q for each heartbeat of a lead" in " ".join(listed.out.split())
    assert run("models", tmp_path / "beats.einthoven", "--card", tmp_path).code == 0
    assert (tmp_path / "tiny-beats.md").read_text() == model_card(tiny_beats)
    assert "heartbeats" in (tmp_path / "tiny-beats.md").read_text()


def test_a_model_of_several_classes_is_described_and_has_a_card(run, tmp_path: Path) -> None:
    bundle = twelve_lead_bundle()
    write_bundle(bundle, tmp_path / "tiny12.einthoven")
    (item,) = map(
        json.loads, run("models", tmp_path / "tiny12.einthoven", "--format", "json").out.splitlines()
    )
    assert item["thresholds"] == list(THRESHOLDS.values())
    assert item["labels"][0] == "AF: atrial fibrillation"
    assert "AF: atrial fibrillation" in run("models", tmp_path / "tiny12.einthoven").out


def test_many_labels_are_only_named_in_the_table(run, tiny_bundle: Bundle, tmp_path: Path) -> None:
    labels = tuple(Label(f"L{k}", f"meaning {k}") for k in range(29))
    golden = replace(tiny_bundle.golden, probs=np.zeros(29, np.float32))
    write_bundle(replace(tiny_bundle, labels=labels, golden=golden), tmp_path / "m.einthoven")
    table = " ".join(run("models", tmp_path / "m.einthoven").out.split())
    assert "L27, L28 (their meanings: --format json, or --card)" in table
    assert "L28" in table
    assert "meaning 3" not in table
    assert len(json.loads(run("models", tmp_path / "m.einthoven", "--format", "json").out)["labels"]) == 29


def test_a_model_of_several_classes_is_listed_by_its_areas(run, tiny_model: Path, tmp_path: Path) -> None:
    ranking = {"macro_auroc": {"value": 0.8764, "low": 0.8, "high": 0.9}}
    facts = {
        "held_out": {"heads": [{"head": "rbf", "ranking": {}}, {"head": "linear", "ranking": ranking}]},
        "calibrated": {"head": "linear"},
    }
    write_bundle(replace(twelve_lead_bundle(), provenance=facts), tmp_path / "m.einthoven")
    result = run("models", tmp_path / "m.einthoven", tiny_model, "--format", "json")
    several, one = map(json.loads, result.out.splitlines())
    assert (several["macro_auroc"], one["macro_auroc"]) == (0.8764, None)
    assert "macro auroc 0.876" in " ".join(run("models", tmp_path / "m.einthoven").out.split())
    assert "macro auroc" not in run("models", tiny_model).out

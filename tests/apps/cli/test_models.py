"""`einthoven models --card`: the card and its picture, for shipped models and for files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from einthoven.apps.card import model_card
from einthoven.bundle import Bundle, write_bundle


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

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

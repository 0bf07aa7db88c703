"""`einthoven plot`."""

import json
from pathlib import Path

import pytest

from einthoven.formats import write_record
from einthoven.signal.simulated import simulate

SIGNATURES = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}


@pytest.mark.parametrize("ending", SIGNATURES)
def test_a_picture_is_written_and_the_answer_printed(
    run, recordings: Path, tiny_model: Path, tmp_path: Path, ending: str
) -> None:
    target = tmp_path / "new" / f"picture{ending}"
    result = run("plot", recordings / "one.hea", "--model", tiny_model, "-o", target, "--format", "json")
    assert result.code == 0, result.err
    assert target.read_bytes().startswith(SIGNATURES[ending])
    assert json.loads(result.out)["labels"] == ["N"]
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_without_a_model_it_only_draws(run, recordings: Path, tmp_path: Path) -> None:
    result = run("plot", recordings / "three.hea", "--no-classify", "-o", tmp_path / "p.svg")
    assert (result.code, result.out) == (0, "")
    assert "of 2 leads" not in (tmp_path / "p.svg").read_text()


def test_what_cannot_be_classified_is_drawn_with_the_reason(run, tiny_model: Path, tmp_path: Path) -> None:
    path = write_record(simulate(duration_s=2), tmp_path, name="short")
    result = run("plot", path, "--model", tiny_model, "-o", tmp_path / "p.png")
    assert result.code == 1
    assert "expected at least 5 s of signal" in result.out
    assert (tmp_path / "p.png").exists()


def test_another_ending_is_refused_before_anything_is_read(run, tmp_path: Path) -> None:
    result = run("plot", tmp_path / "absent.hea", "-o", tmp_path / "p.gif")
    assert result.code == 2
    assert "expected an ending among .png, .pdf, .svg, found .gif" in result.err

"""`einthoven plot`."""

import json
from pathlib import Path

import pytest
from several_labels import shifted, ship, twelve_lead_bundle

from einthoven.bundle import Bundle
from einthoven.formats import write_wfdb
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
    assert result.err == f"wrote {target}\n"


def test_without_a_model_it_only_draws(run, recordings: Path, tmp_path: Path) -> None:
    result = run("plot", recordings / "three.hea", "--no-classify", "-o", tmp_path / "p.svg")
    assert (result.code, result.out) == (0, "")
    assert "shown" not in result.err
    assert "of 2 leads" not in (tmp_path / "p.svg").read_text()


def test_what_cannot_be_classified_is_drawn_with_the_reason(run, tiny_model: Path, tmp_path: Path) -> None:
    path = write_wfdb(simulate(duration_s=2), tmp_path, name="short")
    result = run("plot", path, "--model", tiny_model, "-o", tmp_path / "p.png")
    assert result.code == 1
    assert "expected at least 5 s of signal" in result.out
    assert (tmp_path / "p.png").exists()


def test_of_a_long_recording_it_says_what_is_shown(run, tmp_path: Path) -> None:
    path, picture = write_wfdb(simulate(duration_s=300), tmp_path, name="long"), tmp_path / "p.svg"
    result = run("plot", path, "--no-classify", "-o", picture)
    assert result.err == f"wrote {picture} (0 to 60 s of 5 min; --start and --duration show others)\n"
    assert "shown: 0 to 60 s of 5 min" in picture.read_text()
    result = run("plot", path, "--no-classify", "-o", picture, "--start", 130, "--duration", 15)
    assert "(2:10 to 2:25 min of 5 min; " in result.err
    assert "<!-- 2:20 -->" in picture.read_text()


def test_a_pdf_may_have_several_pages(run, tmp_path: Path) -> None:
    path = write_wfdb(simulate(duration_s=130), tmp_path, name="long")
    result = run("plot", path, "--no-classify", "-o", tmp_path / "p.pdf", "--duration", 1000)
    assert result.err == f"--duration 1000: only 2.17 min are there\nwrote {tmp_path / 'p.pdf'}\n"
    result = run("plot", path, "--no-classify", "-o", tmp_path / "p.svg", "--duration", 30, "--start", 110)
    assert "--duration 30: only 20 s are there from 110 s on\n" in result.err
    assert "only" not in run("plot", path, "--no-classify", "-o", tmp_path / "p.svg", "--duration", 20).err
    assert (tmp_path / "p.pdf").read_bytes().count(b"/MediaBox") == 3
    result = run("plot", path, "--no-classify", "-o", tmp_path / "p.png", "--duration", 1000)
    assert result.code == 2
    assert (
        "expected a duration of at most 60 s on one page, found 2.17 min: a .pdf has up to 60" in result.err
    )
    assert not (tmp_path / "p.png").exists()


@pytest.mark.parametrize(("option", "value"), [("--start", 10), ("--start", "nan"), ("--duration", 0)])
def test_parts_that_are_not_there_are_refused(
    run, recordings: Path, tmp_path: Path, option: str, value: object
) -> None:
    result = run("plot", recordings / "one.hea", "-o", tmp_path / "p.png", option, value)
    assert result.code == 2
    assert result.err.startswith("error: expected a ")
    assert result.err.count("\n") == 1


def test_names_that_are_no_text_are_drawn(run, tiny_model: Path, tmp_path: Path) -> None:
    path = write_wfdb(simulate(duration_s=10), tmp_path, name="one").rename(tmp_path / "caf\udce9.hea")
    result = run("plot", path, "--model", tiny_model, "-o", tmp_path / "p\udce9.svg")
    assert result.code == 0, result.err
    assert "caf\\udce9" in (tmp_path / "p\udce9.svg").read_text()
    assert result.err == f"wrote {tmp_path}/p\\udce9.svg\n"


def test_another_ending_is_refused_before_anything_is_read(run, tmp_path: Path) -> None:
    result = run("plot", tmp_path / "absent.hea", "-o", tmp_path / "p.gif")
    assert result.code == 2
    assert "expected an ending among .png, .pdf, .svg, found .gif" in result.err


def test_the_leads_decide_which_model_answers(
    run, tiny_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship(monkeypatch, tmp_path, tiny_bundle, twelve_lead_bundle())
    for mv, said in ((2.0, "atrial fibrillation"), (0.75, "none of the labels")):
        path = write_wfdb(shifted(mv), tmp_path / "made", name="twelve")
        result = run("plot", path, "-o", tmp_path / "p.svg", "--format", "json")
        assert (result.code, json.loads(result.out)["model"]) == (0, "tiny12")
        assert said in (tmp_path / "p.svg").read_text()
    one = write_wfdb(shifted(0.0, leads=("I",)), tmp_path / "made", name="one")
    result = run("plot", one, "-o", tmp_path / "p.svg")
    assert "model tiny answered, chosen by the leads; --model chooses another" in result.out

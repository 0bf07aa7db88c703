"""`einthoven explain`."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from several_labels import shifted, ship, twelve_lead_bundle

from einthoven.bundle import Bundle, write_bundle
from einthoven.errors import SettingsError
from einthoven.formats import write_wfdb
from einthoven.inference.prediction import Prediction
from einthoven.inference.runtime import Model
from einthoven.networks import HeartbeatCNN, RhythmNet, build_network
from einthoven.recipes import RECIPES
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.simulated import simulate
from einthoven.training.checkpoint import encode
from einthoven.training.protocol import Protocol

SIGNATURES = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml", ".html": b"<!doctype"}


def a_run(folder: Path, protocol: Protocol, budget: str) -> Path:
    """The folder of a finished run whose network learnt nothing."""
    torch.manual_seed(0)
    network = build_network(protocol.network, n_leads=protocol.n_leads, n_classes=len(protocol.classes))
    dataset = {"name": "simulated", "kind": "simulated"}
    settings = {"schema": 1, "protocol": protocol.to_json(), "recipe": protocol.recipe, "budget": budget,
                "fold": 0, "dataset": dataset, "versions": {}}  # fmt: skip
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(settings))
    (folder / "weights.pt").write_bytes(encode(network.state_dict()))
    return folder


@pytest.fixture
def rhythm_run(tmp_path: Path) -> Path:
    protocol = RECIPES["rhythm"].protocol("cpu")
    network = RhythmNet(stem_width=4, widths=(4, 4), strides=(2, 2), recurrent=2)
    return a_run(tmp_path / "rhythm-run", replace(protocol, network=network), "cpu")


@pytest.fixture
def beat_run(tmp_path: Path) -> Path:
    protocol = RECIPES["heartbeat"].protocol("gpu")
    network = HeartbeatCNN(widths=(2, 2, 2, 2), dense=(4, 3))
    return a_run(tmp_path / "beat-run", replace(protocol, network=network), "gpu")


@pytest.mark.parametrize("ending", SIGNATURES)
def test_a_picture_is_written_and_the_pieces_printed(
    run, recordings: Path, tiny_model: Path, tmp_path: Path, ending: str
) -> None:
    target = tmp_path / "new" / f"why{ending}"
    result = run("explain", recordings / "one.hea", "--model", tiny_model, "-o", target, "--format", "json")
    assert result.code == 0, result.err
    assert target.read_bytes().startswith(SIGNATURES[ending])
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert result.err == f"wrote {target}\n"
    item = json.loads(result.out)
    assert (item["record"], item["label"], item["method"], item["model"]) == (
        "one",
        "N",
        "occlusion",
        "tiny 1.2",
    )
    assert item["probs"]["N"] == max(item["probs"].values())
    attributions = [piece["attribution"] for piece in item["segments"]]
    assert attributions == sorted(attributions, reverse=True)
    assert item["faithfulness"]["n_pieces"] == len(attributions)


def test_without_a_picture_the_table_is_all(run, recordings: Path, tiny_model: Path) -> None:
    result = run("explain", recordings / "one.hea", "--model", tiny_model, "--label", "A")
    assert (result.code, result.err) == (0, "")
    assert "one: What speaks for atrial fibrillation (A), probability" in result.out
    assert "from (s)" in result.out
    assert "pieces more" in result.out
    assert "Without the marked" in result.out
    assert "Each 0.1 s was in turn replaced by a line" in result.out


@pytest.mark.parametrize("with_picture", [True, False])
def test_only_what_is_needed_is_imported(
    recordings: Path, tiny_model: Path, tmp_path: Path, with_picture: bool
) -> None:
    heavy = ["torch", "captum", "onnx", "pandas", "scipy.signal", *([] if with_picture else ["matplotlib"])]
    code = (
        "import sys\n"
        "from einthoven.apps.cli import main\n"
        "heavy, sys.argv[1:2] = sys.argv[1].split(), []\n"
        "try:\n    main()\n"
        "finally:\n    print([name for name in heavy if name in sys.modules])\n"
    )
    arguments = ["explain", str(recordings / "one.hea"), "--model", str(tiny_model), "--duration", "2"]
    picture = ["-o", str(tmp_path / "why.svg")] if with_picture else []
    command = [sys.executable, "-c", code, " ".join(heavy), *arguments, *picture]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_settings_are_followed_and_told(run, recordings: Path, tiny_model: Path) -> None:
    options = ("--window", 0.5, "--step", 0.25, "--fill", "usual", "--start", 2, "--duration", 4)
    result = run("explain", recordings / "one.hea", "--model", tiny_model, *options, "--format", "json")
    item = json.loads(result.out)
    assert (item["window_s"], item["step_s"], item["fill"]) == (0.5, 0.25, "usual")
    assert (item["start_s"], item["end_s"]) == (2, 6)
    assert all(2 <= piece["start_s"] < piece["end_s"] <= 6 for piece in item["segments"])
    assert result.err == "explained: 2 to 6 s of 10 s; --start and --duration choose others\n"
    # A step is at most a window, also where only the window is given.
    result = run("explain", recordings / "one.hea", "--model", tiny_model, "--window", 0.02, "--duration", 1,
                 "--format", "json")  # fmt: skip
    assert json.loads(result.out)["step_s"] == 0.02


def test_kernels_of_a_bundle_are_drawn_if_asked_for(run, recordings: Path, tmp_path: Path) -> None:
    picture = tmp_path / "why.svg"
    arguments = ("explain", recordings / "one.hea", "--duration", 1, "-o", picture)
    assert run(*arguments, "--layers").code == 0
    assert "First layer (stem): 24 kernels of 0.11 s" in picture.read_text()
    assert run(*arguments).code == 0
    assert "First layer" not in picture.read_text()


def test_a_run_is_explained_by_gradients_with_its_layers(
    run, recordings: Path, rhythm_run: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "why.svg"
    arguments = ("explain", recordings / "one.hea", "--model", rhythm_run, "-o", picture, "--format", "json")
    result = run(*arguments, "--window", 0.3, "--label", "A")
    assert result.code == 0, result.err
    item = json.loads(result.out)
    assert item["warnings"][0] == "what the run learnt from is not stated: it may know this recording"
    assert (item["method"], item["step_s"], item["window_s"]) == ("integrated gradients", None, 0.3)
    assert item["model"] == str(rhythm_run)
    page = picture.read_text()
    assert "What speaks for atrial fibrillation (A)" in page
    assert "blocks.1   ResidualBlock: 4 channels" in page
    assert "First layer (stem)" in page
    assert run(*arguments, "--no-layers").code == 0
    assert "blocks.1" not in picture.read_text()


def test_a_beat_of_a_run_is_explained(run, recordings: Path, beat_run: Path, tmp_path: Path) -> None:
    picture = tmp_path / "why.svg"
    arguments = ("explain", recordings / "three.hea", "--model", beat_run, "-o", picture, "--format", "json")
    result = run(*arguments, "--beat", 3)
    assert result.code == 0, result.err
    item = json.loads(result.out)
    assert item["beat"] == 3
    assert item["label"] in "NSVFQ"
    assert f"beat 3, R peak at {item['rpeak_s']:.2f} s" in picture.read_text()
    assert "convolutions.0   Conv1d + BatchNorm1d + ReLU" in picture.read_text()
    again = json.loads(run(*arguments, "--beat-class", item["label"]).out)
    assert again["label"] == item["label"]
    assert again["choice"].endswith(item["label"])
    assert run(*arguments, "--beat", 999).err.startswith(
        f"error: {recordings / 'three.hea'}: expected a beat from 1"
    )


def test_beats_are_numbered_as_the_beats_command_lists_them(run, tiny_beats: Bundle, tmp_path: Path) -> None:
    made = simulate("ectopy", duration_s=60, fs=250.0, leads=("II",), seed=2)
    signal = made.signal.copy()
    signal[:, :5000] = 0.2 * np.random.default_rng(0).standard_normal(5000)
    path = write_wfdb(replace(made, signal=signal), tmp_path / "made", name="noisy")
    bundle = tmp_path / "tiny.einthoven"
    write_bundle(tiny_beats, bundle)
    listed = json.loads(run("beats", path, "--model", bundle, "--format", "json").out)
    assert listed["left_out"][0]["reason"] == "noise"
    assert "found lie where there is no ECG to be read" in " ".join(listed["warnings"])
    explain = ("explain", path, "--model", bundle, "--format", "json")
    before_s = tiny_beats.cut["before_s"]
    for number in (1, 4):
        item = json.loads(run(*explain, "--beat", number).out)
        assert item["start_s"] + before_s == pytest.approx(listed["rpeaks"][number - 1] / 250, abs=1e-3)
        assert item["label"] == listed["labels"][number - 1]
    found = json.loads(run(*explain, "--beat-class", "V").out)
    assert listed["labels"][found["beat"] - 1] == "V"
    assert found["start_s"] + before_s == pytest.approx(listed["rpeaks"][found["beat"] - 1] / 250, abs=1e-3)
    n = len(listed["rpeaks"])
    assert f"expected a beat from 1 to {n}, found {n + 1}" in run(*explain, "--beat", n + 1).err


def test_a_beat_of_a_bundle_is_explained(run, recordings: Path, tmp_path: Path) -> None:
    picture = tmp_path / "why.svg"
    arguments = ("explain", recordings / "three.hea", "--model", "beats", "-o", picture, "--format", "json")
    result = run(*arguments, "--beat", 2, "--layers", "--fill", "usual")
    assert result.code == 0, result.err
    item = json.loads(result.out)
    assert (item["beat"], item["method"], item["fill"]) == (2, "occlusion", "usual")
    assert (item["window_s"], item["step_s"]) == (0.04, 0.008)
    assert f"beat 2, R peak at {item['rpeak_s']:.2f} s" in picture.read_text()
    assert "Not in this picture, log-odds of N: the rhythm around it " in picture.read_text()
    assert set(item["beside"]) == {"the rhythm around it", "its shape against the usual beat"}
    words = " ".join(run(*arguments[:4], "--beat", 2).out.split())
    assert f"three, beat 2, R peak at {item['rpeak_s']:.2f} s: What speaks for" in words
    assert "Not in this picture, log-odds of N: the rhythm around it " in words
    assert "First layer (stem)" in picture.read_text()
    assert json.loads(run(*arguments, "--beat-class", item["label"]).out)["label"] == item["label"]
    assert "reads heartbeats" in run(*arguments, "--start", 1).err


def test_what_should_not_be_believed_ends_in_red(
    run, tiny_model: Path, tiny_beats: Bundle, tmp_path: Path
) -> None:
    made = simulate(duration_s=10, fs=100.0)
    signal = made.signal.copy()
    signal[:, :400] = 0
    flat = write_wfdb(replace(made, signal=signal), tmp_path, name="flat")
    picture = tmp_path / "why.svg"
    arguments = ("explain", flat, "--model", tiny_model, "--start", 6, "-o", picture)
    result = run(*arguments)
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith(f"error: {flat}: flat line: lead I")
    # At the top, not at the foot.
    assert result.out.splitlines()[1].startswith("this answer should not be believed: flat line")
    assert "this answer should not be believed: flat line" in picture.read_text()
    result = run(*arguments, "--format", "json")
    assert result.code == 1
    assert json.loads(result.out)["obstacle"].startswith("flat line")
    # Of heartbeats too: this one is far too high.
    bundle = tmp_path / "tiny-beats.einthoven"
    write_bundle(tiny_beats, bundle)
    high = write_wfdb(replace(made, signal=made.signal * 20), tmp_path, name="high")
    result = run("explain", high, "--model", bundle, "--beat", 2)
    assert result.code == 1
    assert "error: " in result.err
    assert "mV in lead" in result.err
    assert "this answer should not be believed: amplitude" in " ".join(result.out.split())


@pytest.fixture
def shipped(tiny_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Models of one lead and of twelve are shipped; the folder that they are in."""
    folder = tmp_path / "zoo"
    folder.mkdir()
    ship(monkeypatch, folder, tiny_bundle, twelve_lead_bundle())
    return folder


@pytest.mark.usefixtures("shipped")
def test_an_answer_that_is_not_sure_says_so_first(run, tmp_path: Path) -> None:
    made = write_wfdb(shifted(2.0), tmp_path, name="two")
    picture = tmp_path / "why.svg"
    arguments = ("explain", made, "--duration", 1, "-o", picture)
    result = run(*arguments)
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0].startswith("two: Not sure: what speaks for atrial fibrillation (AF), probability ")
    assert lines[1].startswith("the model is not sure: AF and PAC contradict each other: ")
    assert lines[2] == "model tiny12 0.1, chosen by the leads; --model chooses another"
    assert lines[3] == ""
    assert result.out.count("not sure") == 1
    assert "Not sure: what speaks for atrial fibrillation (AF)" in picture.read_text()
    assert "the model is not sure: AF and PAC contradict each other: " in picture.read_text()
    item = json.loads(run(*arguments, "--format", "json").out)
    assert item["unsure"].startswith("not sure: AF and PAC contradict each other: ")
    assert item["model"] == "tiny12 0.1"


def test_the_model_that_was_used_is_named(run, shipped: Path, tmp_path: Path) -> None:
    chosen = ", chosen by the leads; --model chooses another"
    for name, leads, model in (("one", ("I",), "tiny 1.2"), ("all", TWELVE_LEADS, "tiny12 0.1")):
        made = write_wfdb(shifted(0.0, leads=leads), tmp_path, name=name)
        lines = run("explain", made, "--duration", 1).out.splitlines()
        assert lines[0].startswith(f"{name}: What speaks for normal")
        assert lines[1:3] == [f"model {model}{chosen}", ""]
    lines = run("explain", made, "--duration", 1, "--model", shipped / "tiny.einthoven").out.splitlines()
    assert lines[1] == "model tiny 1.2"
    (shipped / "tiny.einthoven").unlink()
    assert run("explain", made, "--duration", 1).out.splitlines()[1] == "model tiny12 0.1"


@pytest.mark.usefixtures("shipped")
def test_the_model_is_chosen_without_an_answer(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    predict = Model.predict

    def counted(model: Model, record: Record) -> Prediction:
        asked.append(model.name)
        return predict(model, record)

    monkeypatch.setattr(Model, "predict", counted)
    made = write_wfdb(shifted(0.0), tmp_path, name="all")
    assert run("explain", made, "--duration", 1).code == 0
    assert asked == ["tiny12"]
    # Only one lead can be used: as with classify the model of one lead answers.
    whole = shifted(0.0)
    signal = whole.signal.copy()
    signal[1:] = 0
    made = write_wfdb(replace(whole, signal=signal), tmp_path, name="flat")
    result = run("explain", made, "--duration", 1)
    assert asked == ["tiny12", "tiny"]
    assert "model tiny 1.2, chosen by the leads" in result.out
    assert "tiny answers in place of tiny12" in " ".join(result.out.split())
    result = run("explain", made, "--duration", 1, "--beat", 1)
    assert result.err.startswith("error: model tiny: reads whole recordings")


def test_of_what_is_cut_off_it_is_not_said_that_it_is_too_long(
    run, tiny_bundle: Bundle, tmp_path: Path
) -> None:
    steps = ({"step": "FillMissing"}, {"step": "Resample", "fs": 100.0})
    bundle = tmp_path / "cutting.einthoven"
    write_bundle(replace(tiny_bundle, pipeline=(*steps, {"step": "FixLength", "n_samples": 1000})), bundle)
    made = write_wfdb(simulate(duration_s=301, fs=60.0), tmp_path, name="long")
    result = run("explain", made, "--model", bundle, "--duration", 0.5)
    assert result.err.splitlines()[0] == "only the first 10 s of 5.02 min are looked at"
    assert "far longer" not in result.err + result.out


def test_what_takes_long_is_foretold(
    run, recordings: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("einthoven.apps.cli.foretell.WORTH_SAYING_S", 0.0)
    result = run("explain", recordings / "one.hea", "--model", tiny_model)
    assert result.code == 0
    assert result.err.startswith("199 windows, each an answer to 10 s of signal: about ")
    assert result.err.endswith("; --duration explains less of it, a longer --step less finely\n")


def test_of_a_long_recording_it_is_said_before_it_is_explained(
    run, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("einthoven.apps.cli.foretell.WORTH_SAYING_S", 0.0)
    for duration_s, n in ((301, 1), (299, 0)):
        made = write_wfdb(simulate(duration_s=duration_s, fs=60.0), tmp_path, name=f"of-{duration_s}")
        lines = run("explain", made, "--model", tiny_model, "--duration", 0.5).err.splitlines()
        assert sum("far longer than the recordings this model learnt from" in line for line in lines) == n
        assert lines[n].startswith("9 windows, each an answer to ")


def test_several_recordings_are_measured(run, recordings: Path, tiny_model: Path, tmp_path: Path) -> None:
    table = tmp_path / "all.csv"
    (tmp_path / "bad.csv").write_text("no,ecg\n")
    arguments = ("explain", recordings, "--model", tiny_model, "--faithfulness", "--duration", 3)
    result = run(*arguments)
    assert result.code == 0, result.err
    words = " ".join(result.out.split())
    for name in ("one", "two", "three"):
        assert name in result.out
    assert "the marked pieces lower the log-odds more than random ones do on average in " in words
    assert "of 3 recordings" in words
    assert "mean fall of the log-odds: marked " in words
    result = run(*arguments, tmp_path / "bad.csv", "-o", table)
    assert result.code == 1
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [row["record"] for row in rows] == ["one", "three", "two", "bad"]
    assert rows[3]["error"]
    assert float(rows[0]["drop"]) > float(rows[0]["random_mean"]) or float(rows[0]["beaten"]) < 1
    assert "of 3 recordings" in result.err
    assert "error: 1 of 4 recordings failed\n  " in result.err
    result = run("explain", tmp_path / "bad.csv", "--model", tiny_model, "--faithfulness")
    assert result.code == 2
    assert "error: 1 of 1 recording failed" in result.err


def test_where_nothing_is_faithful_the_interval_is_told(
    run, recordings: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("einthoven.inference.faithfulness.measure_faithfulness", lambda *_: None)
    result = run("explain", recordings, "--model", tiny_model, "--faithfulness", "--duration", 1)
    assert result.code == 0, result.err
    words = " ".join(result.out.split())
    assert "in 0 of 3 recordings: 0% (0% to 71%)" in words
    assert words.count("nothing is marked") == 3
    assert "mean fall" not in words


def refusals(recordings: Path, tiny_model: Path) -> dict[str, tuple[tuple, str]]:
    one = recordings / "one.hea"
    tiny = ("--model", tiny_model)
    return {
        "label": ((one, *tiny, "--label", "X"), "model tiny: expected a label among N, A, O, ~, found X"),
        "two files": ((one, one, *tiny), "expected one recording, found 2: --faithfulness takes several"),
        "folder": ((recordings, *tiny), f"{recordings}: expected one recording, found a folder"),
        "ending": ((one, *tiny, "-o", "why.gif"), "why.gif: expected an ending among .png, .pdf"),
        "absent": ((recordings / "none.hea", *tiny), "none.hea"),
        "start": ((one, *tiny, "--start", 10), "expected a start from 0 to below 10 s"),
        "duration": ((one, *tiny, "--duration", 61), "expected a duration above 0 and up to 60 s"),
        "fill": ((one, *tiny, "--fill", "noise"), "expected a fill among line, usual, found noise"),
        "step": ((one, *tiny, "--window", 0.1, "--step", 0.2), "expected a step above 0 s, up to the window"),
        "window": ((one, *tiny, "--window", 100), "expected a window above 0 s and up to 10 s, found 100 s"),
        "less than a sample": (
            (one, *tiny, "--window", 0.001, "--step", 0.00001),
            "expected a window of at least 1 sample (",
        ),
        "beat": ((one, *tiny, "--beat", 1), "reads whole recordings: --beat and --beat-class go with"),
        "model": ((one, "--model", "absent"), "absent: expected a model of the package"),
        "layers": ((one, *tiny, "--faithfulness", "--no-layers"), "--faithfulness draws nothing"),
        "table": ((one, *tiny, "--faithfulness", "-o", "why.png"), "why.png: expected an ending among .csv"),
    }  # fmt: skip


@pytest.mark.parametrize("what", refusals(Path(), Path()))
def test_what_cannot_be_done_is_one_line(
    run, recordings: Path, tiny_model: Path, tmp_path: Path, what: str
) -> None:
    arguments, message = refusals(recordings, tiny_model)[what]
    result = run("explain", *arguments)
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert message in result.err
    assert result.err.count("\n") == 1
    assert result.out == ""
    assert not list(tmp_path.iterdir())


def test_recordings_that_cannot_be_explained_are_one_line(run, tiny_model: Path, tmp_path: Path) -> None:
    flat = simulate(duration_s=10)
    for name, record, message in (
        ("short", simulate(duration_s=2), "expected at least 5 s of signal, found 2 s"),
        (
            "flat",
            replace(flat, signal=np.ones_like(flat.signal)),
            "expected a signal that moves, found a flat",
        ),
    ):
        result = run("explain", write_wfdb(record, tmp_path, name=name), "--model", tiny_model)
        assert (result.code, result.out) == (2, "")
        assert message in result.err
        assert result.err.count("\n") == 1


def test_what_goes_with_another_kind_of_model_is_refused(
    run, recordings: Path, rhythm_run: Path, beat_run: Path, tmp_path: Path
) -> None:
    one = recordings / "one.hea"
    for options, message in (
        (
            ("--model", rhythm_run, "--fill", "line"),
            "a run is explained by gradients: --step and --fill go with",
        ),
        (("--model", rhythm_run, "--step", 0.1), "a run is explained by gradients"),
        (("--model", rhythm_run, "--beat", 1), "reads whole recordings"),
        (
            ("--model", beat_run, "--duration", 1),
            "reads heartbeats: --start and --duration go with a model of",
        ),
        (("--model", tmp_path), "expected a training run, found no run.json"),
    ):
        result = run("explain", one, *options)
        assert result.code == 2
        assert message in result.err
        assert result.err.count("\n") == 1


def test_without_the_training_packages_a_run_says_so(
    run, recordings: Path, rhythm_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    result = run("explain", recordings / "one.hea", "--model", rhythm_run)
    assert result.code == 2
    assert result.err == "error: gradients need captum: pip install 'einthoven[train]'\n"
    assert run("explain", recordings, "--model", rhythm_run, "--faithfulness").err == result.err


def test_a_setting_that_is_wrong_for_all_stops_the_measurement(
    run, recordings: Path, tiny_model: Path
) -> None:
    result = run("explain", recordings, "--model", tiny_model, "--faithfulness", "--label", "X")
    assert result.code == 2
    assert "expected a label among" in result.err
    assert issubclass(SettingsError, ValueError)

"""What is to be said of a run's answer: the lead that was read, and whether the run knows the recording."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.apps.cli.run_notes import known_recording, run_notes
from einthoven.errors import RecordError
from einthoven.recipes import RECIPES
from einthoven.record import Record
from einthoven.signal.simulated import simulate
from einthoven.training.run_folder import Run, open_run

PUBLIC = {"name": "cinc2017", "kind": "public", "n_records": 4, "fingerprint": "f"}


def a_run(folder: Path, recipe: str = "zihlmann2017-cnn", dataset: Any = None, **arrays: Any) -> Run:
    """A finished run on records a (trained), b (stopped it) and c (test), without a network."""
    protocol = RECIPES[recipe].protocol()
    settings = {"schema": 1, "protocol": protocol.to_json(), "recipe": recipe, "budget": "", "fold": 0,
                "dataset": dataset or PUBLIC, "versions": {},
                "ancestors": {"is_known": True, "parts": []}}  # fmt: skip
    (folder / "run.json").write_text(json.dumps(settings))
    scores = {"record_ids": ["b", "c"], "part": ["validation", "test"], "patient": ["", ""],
              "truth": np.zeros(2, np.int64), "logits": np.zeros((2, len(protocol.classes)), np.float32),
              "trained": ["a", "sub/d"]} | arrays  # fmt: skip
    np.savez(folder / "scores.npz", **{name: np.array(v) for name, v in scores.items() if v is not None})
    done = {"epochs": [["all", 1]], "seconds": 1, "n_train": 1, "n_folds": 5, "train_s": [9.0, 30.0, 60.0],
            "weights_sha256": ""}  # fmt: skip
    (folder / "done.json").write_text(json.dumps(done))
    return open_run(folder)


def called(name: str, path: str = "") -> Record:
    return replace(simulate(duration_s=10, leads=("I",)), name=name, path=path)


def test_a_recording_that_the_run_learnt_from_is_named(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    surer = "if this is it, its answer is surer than on others"
    assert known_recording(run, called("a")) == (f"the run was trained on recording a of cinc2017: {surer}",)
    assert known_recording(run, called("b")) == (
        f"the run was stopped by its score on recording b of cinc2017: {surer}",
    )
    assert known_recording(run, called("c")) == ()
    assert known_recording(run, called("other")) == ()
    # What a data set of one's own calls a recording may be a part of its path.
    assert "recording sub/d of" in known_recording(run, called("d", "/data/sub/d.hea"))[0]
    assert known_recording(run, called("d", "/data/else/d.hea")) == ()


def test_beats_are_known_by_the_recording_that_they_were_cut_from(tmp_path: Path) -> None:
    run = a_run(tmp_path, "beats", record_ids=["b@1", "c@1"], recording=["b", "c"], trained=["a"])
    assert "was trained on recording a" in known_recording(run, called("a"))[0]
    assert known_recording(run, called("c")) == ()


def test_where_a_run_does_not_list_them_all_but_those_held_out_may_be_known(tmp_path: Path) -> None:
    run = a_run(tmp_path, trained=None)
    (told,) = known_recording(run, called("a"))
    assert told.startswith("the run was trained on cinc2017: if this recording is of it,")
    assert known_recording(run, called("c")) == ()
    assert "was stopped by its score on recording b" in known_recording(run, called("b"))[0]


def test_of_simulated_recordings_that_are_not_listed_nothing_is_said(tmp_path: Path) -> None:
    run = a_run(tmp_path, dataset={**PUBLIC, "name": "simulated", "kind": "simulated"}, trained=None)
    assert known_recording(run, called("a")) == ()


def test_a_run_that_does_not_say_is_said_to_be_one(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    (tmp_path / "scores.npz").unlink()
    (told,) = known_recording(run, called("a"))
    assert told == "what the run learnt from is not stated: it may know this recording"


def test_the_lead_that_was_read_and_a_long_recording_are_told(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert run_notes(run, called("other")) == ()
    twelve = replace(simulate(duration_s=10, leads=("II", "I", "V1")), name="other")
    assert run_notes(run, twelve) == ("of 3 leads only lead I was looked at",)
    long = replace(called("other"), signal=np.zeros((1, 300 * 400), np.float32))
    (told,) = run_notes(run, long)
    assert told.startswith("6.67 min is far longer than the recordings this model learnt from (up to 60 s)")
    (tmp_path / "done.json").unlink()
    assert "(up to" not in run_notes(run, long)[-1]


def test_of_a_run_that_looks_at_the_start_only_that_is_told(tmp_path: Path) -> None:
    run = a_run(tmp_path, "singstad2018", truth=np.zeros((2, 9), np.float32))
    twelve = simulate(duration_s=10, leads=run.protocol.leads)
    long = replace(twelve, name="other", signal=np.zeros((12, 300 * 400), np.float32))
    assert run_notes(run, long) == ("only the first 20 s of 6.67 min are looked at",)
    assert run_notes(run, replace(twelve, name="other")) == ()
    # Filled up with zeros, but still a recording as short as none that the network has seen.
    (told,) = run_notes(run, replace(long, signal=long.signal[:, : 300 * 6]))
    assert told.startswith("6 s is shorter than any recording this model learnt from (from 9 s)")


def test_of_a_run_of_heartbeats_the_cut_says_which_lead(tmp_path: Path) -> None:
    run = a_run(tmp_path, "beats", record_ids=["b@1", "c@1"], recording=["b", "c"])
    (told,) = run_notes(run, replace(called("other"), signal=np.zeros((1, 300 * 400), np.float32)))
    assert told == "lead I was looked at in place of lead MLII"


def test_a_lead_that_is_needed_and_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(tmp_path)
    two = replace(run.protocol, leads=("I", "II"))
    monkeypatch.setattr(Run, "protocol", two)
    with pytest.raises(RecordError, match="II"):
        run_notes(run, called("other"))

"""What is not in the picture of a heartbeat: its rhythm, and its shape beside the usual one."""

from pathlib import Path

import numpy as np
import pytest

from einthoven.bundle import Bundle
from einthoven.explanation import log_odds
from einthoven.formats import read_record
from einthoven.inference.beats import BeatModel, load_beats
from einthoven.inference.beside import RHYTHM, SHAPE, speaks_beside
from einthoven.inference.explain_beats import explain_beat
from einthoven.signal.beats import SevenSteps
from einthoven.signal.beats.neutral import on_time
from einthoven.signal.simulated import simulate

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_of_a_model_of_rhythm_alone_only_the_rhythm_speaks(tiny_beats: Bundle) -> None:
    model = BeatModel(tiny_beats, threads=1)
    record = simulate("ectopy", duration_s=30, fs=125.0, leads=("II",), seed=2)
    rows = model.cut_beats(record).rows
    column = model.labels.index("V")
    position = int(model.probs_of(rows)[:, column].argmax())
    found = speaks_beside(model, rows[position], column)
    assert found[SHAPE] == pytest.approx(0, abs=1e-4)
    assert found[RHYTHM] > 2
    left = log_odds(model.probs_of(on_time(rows[position])[None]))[0, column]
    before = log_odds(model.probs_of(rows[position : position + 1]))[0, column]
    assert found[RHYTHM] == pytest.approx(before - left, abs=1e-3)
    shown = explain_beat(model, record, number=position + 1)
    assert shown.label == "V"
    assert shown.beside == pytest.approx(found)


def test_of_the_shipped_model_early_beats_are_told_by_rhythm_and_wide_ones_by_shape() -> None:
    model = load_beats("beats", threads=1)
    for name, label, which in (("ectopic-beats-1", "S", RHYTHM), ("ectopic-beats-3", "V", SHAPE)):
        record = read_record(EXAMPLES / f"{name}.hea")
        shown = explain_beat(model, record, beat_class=label)
        assert max(shown.beside, key=lambda row: shown.beside[row]) == which
        assert shown.beside[which] > 2
        # Of a normal beat neither is much.
        usual = explain_beat(model, record, beat_class="N")
        assert max(np.abs(list(usual.beside.values()))) < 0.5


def test_other_cuts_have_nothing_beside(tiny_beats: Bundle) -> None:
    model = BeatModel(tiny_beats, threads=1)
    model.cut = SevenSteps()
    assert speaks_beside(model, np.zeros((1, 300), np.float32), 0) == {}

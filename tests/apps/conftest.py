"""The command line, run inside the test's process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from einthoven.apps.cli import main
from einthoven.formats import write_wfdb
from einthoven.metrics import Score, score_table
from einthoven.recipes import RECIPES
from einthoven.signal.simulated import simulate

if TYPE_CHECKING:
    from einthoven.training.transfer import Measured, VariantScores


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `einthoven` with these arguments."""

    def command(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["einthoven", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        captured = capsys.readouterr()
        return Outcome(
            code if isinstance(code, int) else 0 if code is None else 1, captured.out, captured.err
        )

    return command


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Keep torch to one thread, in tests that train."""
    # Most tests of the command line need no torch.
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three simulated recordings: `one` and `two` with lead I, `three` with II and V1."""
    folder = tmp_path_factory.mktemp("recordings")
    for name, leads, seed in (("one", ("I",), 1), ("two", ("I",), 2), ("three", ("II", "V1"), 3)):
        write_wfdb(simulate("normal", duration_s=10, leads=leads, seed=seed), folder, name=name)
    return folder


def _transfer_scores(
    accuracies: Mapping[str, float],
    *,
    split_by: Any = "patient",
    batch_size: int = 64,
    dataset: str = "ptbxl",
    kind: str = "public",
) -> list[VariantScores]:
    """Make scores of variants whose heartbeats have these accuracies; recordings have 0.05 more."""
    # Most tests of the command line need no torch.
    from einthoven.training.evaluate import Evaluation
    from einthoven.training.held_out_scores import HeldOutScores
    from einthoven.training.transfer import Measured, Variant, VariantScores

    protocol = replace(RECIPES["heartbeat-mi-ptbxl"].protocol(), split_by=split_by, batch_size=batch_size)
    held_out = HeldOutScores(
        ("r@1",), np.zeros(1, np.int64), np.zeros((1, 2), np.float32), ("test",), ("p",), (0,)
    )
    table = score_table([0, 0, 0, 1], [0, 0, 1, 1], ("NORM", "MI"), groups=[0, 1, 2, 3], n=20)
    evaluation = Evaluation(
        protocol, "cpu", dataset, kind, (0,), True, False, True, "test", (0, 2), 9, (("joint", 3, 3),), 60.0,
        held_out, table, 0.1, 0.2,
    )  # fmt: skip

    def measured(n: int, value: float) -> Measured:
        score = Score(value, value - 0.1, min(value + 0.1, 1.0))
        return Measured(n, 60, score, score, score, Score(value + 0.01, value, value + 0.02), 0.75)

    found = []
    for k, (name, value) in enumerate(accuracies.items(), 1):
        variant = Variant(name, int(name) if name.isdecimal() else None)
        recordings = None if split_by == "beat" else measured(67, value + 0.05)
        found.append(VariantScores(variant, 10**k, 10**6, evaluation, measured(806, value), recordings))
    return found


@pytest.fixture(scope="session")
def transfer_scores() -> Callable[..., list[VariantScores]]:
    """Makes what a transfer ends with, from accuracies by variant."""
    return _transfer_scores

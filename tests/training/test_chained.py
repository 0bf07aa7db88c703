"""Held-out heartbeats with what their neighbours say, recording by recording."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import numpy as np

from einthoven.beat_chain import BeatChain
from einthoven.decisions import softmax
from einthoven.training.chained import chain_of, chained, successive
from einthoven.training.job import Job

CHAIN = BeatChain(((90.0, 10.0), (10.0, 40.0)), 0.5)


@dataclass
class FakeJob:
    """What `chain_of` reads of a job."""

    recordings: tuple[str, ...]
    targets: np.ndarray
    trained_on: np.ndarray
    strength: float = 0.5
    n_classes: int = 2

    @property
    def protocol(self) -> SimpleNamespace:
        return SimpleNamespace(chain_strength=self.strength)


def test_the_training_part_alone_teaches_the_chain() -> None:
    labels = np.array([0, 1, 1, 0, 1, 0])
    job = FakeJob(("a", "a", "a", "b", "b", "c"), labels, np.array([0, 1, 2, 3, 4]))
    chain = chain_of(cast(Job, job))
    # a: 0 1 1, b: 0 1; what follows from one recording to the next is no transition, and c is held out.
    assert chain == BeatChain(((0, 2), (0, 1)), 0.5)


def test_without_strength_there_is_no_chain() -> None:
    assert chain_of(cast(Job, FakeJob(("a",), np.array([0]), np.array([0]), strength=0.0))) is None


def test_each_recording_is_a_sequence_of_its_own() -> None:
    logits = np.random.default_rng(0).standard_normal((7, 2)).astype(np.float32)
    names = ["a", "b", "a", "b", "a", "a", "b"]
    found = chained(CHAIN, logits, names)
    for name in "ab":
        rows = [row for row, other in enumerate(names) if other == name]
        expected = CHAIN.smooth(softmax(logits[rows]))
        np.testing.assert_allclose(np.exp(found[rows]), expected, rtol=1e-5)
    assert found.dtype == np.float32


def test_what_is_sure_stays_finite() -> None:
    logits = np.array([[200.0, -200.0], [-200.0, 200.0]], np.float32)
    found = chained(CHAIN, logits, ["a", "a"])
    assert np.isfinite(found).all()
    assert found.argmax(1).tolist() == [0, 1]


def test_successive_keeps_the_order() -> None:
    assert successive([]) == []
    assert [beats.tolist() for beats in successive(["x", "y", "x"])] == [[0, 2], [1]]

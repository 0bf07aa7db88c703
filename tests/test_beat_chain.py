"""What neighbouring heartbeats say of each other: the forward-backward algorithm, by enumeration."""

from itertools import pairwise, product

import numpy as np
import pytest

from einthoven.beat_chain import PRIOR_COUNT, BeatChain, count_transitions
from einthoven.errors import SettingsError

COUNTS = ((800.0, 20.0, 30.0), (15.0, 60.0, 1.0), (35.0, 0.0, 50.0))

RARE = ((99000.0, 500.0, 20.0), (400.0, 60.0, 1.0), (21.0, 0.0, 4.0))


def enumerated(chain: BeatChain, probs: np.ndarray) -> np.ndarray:
    """Add up the weight of every sequence of classes: what forward-backward computes in another order."""
    counts = np.array(chain.counts)
    transitions = ((counts + PRIOR_COUNT) / (counts + PRIOR_COUNT).sum(1, keepdims=True)) ** chain.strength
    transitions /= transitions.sum(1, keepdims=True)
    shares = counts.sum(1) / counts.sum()
    # Rare classes are helped as if they were 1 % of all, the rarest not at all.
    shares = np.where(shares < 1e-3, 1.0, np.maximum(shares, 0.01)) ** chain.strength
    found = np.zeros_like(probs)
    for classes in product(range(probs.shape[1]), repeat=len(probs)):
        weight = shares[classes[0]]
        for one, other in pairwise(classes):
            weight *= transitions[one, other]
        for beat, name in enumerate(classes):
            weight *= probs[beat, name] / shares[name]
        for beat, name in enumerate(classes):
            found[beat, name] += weight
    return found / found.sum(1, keepdims=True)


@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("counts", [COUNTS, RARE])
def test_every_sequence_counts_by_its_weight(counts: tuple[tuple[float, ...], ...], strength: float) -> None:
    probs = np.random.default_rng(3).dirichlet((3, 1, 1), 6)
    chain = BeatChain(counts, strength)
    np.testing.assert_allclose(chain.smooth(probs), enumerated(chain, probs), rtol=1e-9)


def test_without_strength_neighbours_say_nothing() -> None:
    probs = np.random.default_rng(0).dirichlet((1, 1, 1), 50)
    np.testing.assert_allclose(BeatChain(COUNTS, 0.0).smooth(probs), probs, atol=1e-12)


def test_a_doubtful_beat_within_a_run_joins_it_and_alone_does_not() -> None:
    chain = BeatChain(COUNTS, 0.4)
    sure_n, sure_s, doubtful = [0.96, 0.03, 0.01], [0.03, 0.95, 0.02], [0.7, 0.28, 0.02]
    run = chain.smooth([sure_n, sure_s, doubtful, sure_s, sure_n])
    alone = chain.smooth([sure_n, sure_n, doubtful, sure_n, sure_n])
    assert run.argmax(1).tolist() == [0, 1, 1, 1, 0]
    assert alone.argmax(1).tolist() == [0] * 5
    assert run[2, 1] > 2 * alone[2, 1]


def test_long_recordings_and_certainty_stay_finite() -> None:
    probs = np.zeros((20_000, 3))
    probs[np.arange(20_000), np.random.default_rng(1).integers(0, 3, 20_000)] = 1.0
    found = BeatChain(COUNTS, 1.0).smooth(probs)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(1), 1.0)
    assert (found.argmax(1) == probs.argmax(1)).all()


def test_no_beat_and_one_beat() -> None:
    chain = BeatChain(COUNTS, 0.4)
    assert chain.smooth(np.empty((0, 3))).shape == (0, 3)
    assert chain.smooth([[0.2, 0.5, 0.3]]).argmax() == 1


def test_json_round_trip() -> None:
    chain = BeatChain(COUNTS, 0.4)
    assert BeatChain.from_json(chain.to_json()) == chain


@pytest.mark.parametrize(
    ("counts", "strength", "message"),
    [
        (((1.0, 2.0),), 0.5, "square"),
        (((1.0, 2.0), (1.0, -1.0)), 0.5, "square"),
        (((1.0, float("nan")), (1.0, 1.0)), 0.5, "square"),
        (((1.0,),), 0.5, "square"),
        (COUNTS, 1.5, "from 0 to 1, found 1.5"),
        (COUNTS, float("nan"), "from 0 to 1"),
    ],
)
def test_nonsense_is_refused(counts: tuple[tuple[float, ...], ...], strength: float, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        BeatChain(counts, strength)


@pytest.mark.parametrize("values", [{}, {"counts": 3, "strength": 0.4}, {"counts": [["a"]], "strength": 0.4}])
def test_what_is_no_chain_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="expected transitions"):
        BeatChain.from_json(values)


def test_what_is_wrong_with_a_chain_that_is_read_is_told() -> None:
    with pytest.raises(SettingsError, match="from 0 to 1, found 2"):
        BeatChain.from_json({"counts": COUNTS, "strength": 2})


def test_logarithms_of_what_cannot_be_are_finite() -> None:
    chain = BeatChain(((1e300, 0.0), (0.0, 1.0)), 1.0)
    logs = chain.log_probs([[1.0, 0.0], [1.0, 0.0]])
    assert np.isfinite(logs.astype(np.float32)).all()
    assert logs[0, 0] == pytest.approx(0)
    assert logs[0, 1] < -80


def test_other_classes_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"probabilities of 3 classes, found shape \(2, 4\)"):
        BeatChain(COUNTS, 0.4).smooth(np.full((2, 4), 0.25))


def test_transitions_do_not_cross_recordings() -> None:
    counts = count_transitions([np.array([0, 1]), np.array([1, 0, 0])], 2)
    assert counts.tolist() == [[1, 1], [1, 0]]
    assert not count_transitions([np.array([1]), np.array([], np.int64)], 2).any()

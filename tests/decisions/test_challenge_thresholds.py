"""Thresholds for the challenge metric: where no single change gains, and better than the simplex."""

import numpy as np
import pytest

from einthoven.decisions import fit_thresholds, sigmoid
from einthoven.decisions.challenge_thresholds import challenge_records
from einthoven.decisions.cuts import cuts_of
from einthoven.errors import DatasetError, SettingsError
from einthoven.metrics import challenge_metric
from einthoven.metrics.cinc2020 import CLASSES

NAMES = ("NSR", "AF", "AFL", "SB")
CODES = ("NSR", "PAC", "SVPB", "AF")


def _records(seed: int, n: int, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    often = rng.uniform(0.05, 0.3, len(names))
    labels = rng.random((n, len(names))) < often
    labels[: len(names)] |= np.eye(len(names), dtype=bool)
    return labels, sigmoid(rng.normal(size=labels.shape) + 2 * labels + np.log(often / (1 - often)))


def _fit(labels: np.ndarray, scores: np.ndarray, names: tuple[str, ...], **settings: object) -> np.ndarray:
    asked = {"objective": "challenge", "method": "coordinate", "classes": names, **settings}
    return fit_thresholds(labels, scores, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(5))
def test_never_below_the_start_and_above_the_simplex(seed: int) -> None:
    labels, scores = _records(seed, 200, CLASSES)
    start = challenge_metric(labels, scores >= 0.4)
    by_simplex = challenge_metric(labels, scores >= _fit(labels, scores, CLASSES, method="nelder-mead"))
    by_class = challenge_metric(labels, scores >= _fit(labels, scores, CLASSES))
    assert start - 1e-9 <= by_simplex <= by_class
    assert by_class > start + 0.01


@pytest.mark.parametrize("names", [NAMES, CODES])
@pytest.mark.parametrize("seed", range(3))
def test_no_single_change_gains(names: tuple[str, ...], seed: int) -> None:
    labels, scores = _records(seed, 60, names)
    found = _fit(labels, scores, names)
    best = challenge_metric(labels, scores >= found, names)
    for column in range(len(names)):
        for threshold in cuts_of(scores[:, column]).thresholds:
            changed = found.copy()
            changed[column] = threshold
            assert challenge_metric(labels, scores >= changed, names) <= best + 1e-9


@pytest.mark.parametrize("names", [NAMES, CODES])
def test_the_reward_is_the_metric_but_for_scale_and_offset(names: tuple[str, ...]) -> None:
    labels, scores = _records(7, 40, names)
    records = challenge_records(labels, scores, names)
    rng = np.random.default_rng(7)
    pairs = []
    for _ in range(10):
        thresholds = rng.random(len(names))
        metric = challenge_metric(labels, scores >= thresholds, names)
        pairs.append((records.mean_reward(thresholds), metric))
    rewards, metrics = np.array(pairs).T
    slope, offset = np.polyfit(rewards, metrics, 1)
    assert slope > 0
    np.testing.assert_allclose(slope * rewards + offset, metrics, atol=1e-9)


def test_hand_worked_search() -> None:
    # Two records of AF. One is sure; the other scores 0.3, as does one of sinus rhythm.
    labels = np.array([[0, 1], [0, 1], [1, 0]], bool)
    scores = np.array([[0.1, 0.9], [0.2, 0.3], [0.8, 0.3]])
    # Sinus rhythm for the record without a class earns 0.25 / 2. AF for both of 0.3 then adds 1 / 2 and takes
    # 1 - 1.25 / 2, and AF alone would earn 1: the threshold of sinus rhythm goes back up.
    assert _fit(labels, scores, ("NSR", "AF")).tolist() == pytest.approx([0.5, 0.15])
    # With three more of sinus rhythm at 0.3, AF would add 0.5 and take 4 x 0.375.
    labels = np.vstack([labels, [[1, 0]] * 3])
    scores = np.vstack([scores, [[0.8, 0.3]] * 3])
    assert _fit(labels, scores, ("NSR", "AF")).tolist() == pytest.approx([0.15, 0.4])


def test_a_class_that_was_not_judged_is_neither_there_nor_given() -> None:
    labels, scores = _records(1, 80, NAMES)
    truth = labels.astype(float)
    truth[::3, 2] = np.nan
    known, given = np.nan_to_num(truth) > 0.5, np.where(np.isnan(truth), 0.0, scores)
    expected = _fit(known, given, NAMES)
    assert _fit(truth, scores, NAMES).tolist() == expected.tolist()
    assert expected.tolist() != _fit(labels, scores, NAMES).tolist()
    # A class that is not scored changes nothing, and keeps its start.
    names = (*NAMES, "STE")
    unscored = np.where(np.arange(80) % 2, np.nan, 1.0)[:, None]
    wider = _fit(np.hstack([truth, unscored]), np.hstack([scores, scores[:, :1]]), names)
    assert wider.tolist() == [*expected.tolist(), 0.4]


@pytest.mark.parametrize("method", ["coordinate", "nelder-mead"])
def test_a_class_without_positives_keeps_its_start(method: str) -> None:
    labels, scores = _records(2, 80, NAMES)
    labels[:, 1] = False
    found = _fit(labels, scores, NAMES, method=method, start=[0.4, 0.35, 0.4, 0.4])
    assert found[1] == 0.35
    # The simplex may find nothing better; one by one always does here.
    assert (found[[0, 2, 3]] != 0.4).any() or method == "nelder-mead"
    assert _fit(np.zeros_like(labels), scores, NAMES, method=method).tolist() == [0.4] * 4
    n = labels.sum(axis=0)
    rare = _fit(labels, scores, NAMES, method=method, min_positives=int(n.max()))
    assert (rare[n < n.max()] == 0.4).all()


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (("NSR", "AF"), "classes: expected a name for each of 4 columns, found 2"),
        (("a", "b", "c", "STE"), "classes: expected some codes .* found a, b, c, STE"),
        (("AF", "164889003", "NSR", "SB"), "classes: expected each code once"),
    ],
)
def test_refuses_classes_that_do_not_fit(classes: tuple[str, ...], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        _fit(*_records(0, 10, NAMES), classes)


def test_refuses_the_challenge_without_classes() -> None:
    labels, scores = _records(0, 10, NAMES)
    with pytest.raises(SettingsError, match="objective challenge: expected the classes of the columns"):
        fit_thresholds(labels, scores, objective="challenge")

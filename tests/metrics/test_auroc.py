"""The area under the ROC curve."""

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.metrics import auroc, auroc_score, extreme_interval


def drawn(n: int = 300, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.3
    # Few values, so that many are alike.
    return np.round(rng.normal(size=n) + positive, 1), positive


def test_it_is_the_share_of_pairs_in_the_right_order_and_half_of_the_ties() -> None:
    scores, positive = drawn()
    above = scores[positive][:, None] - scores[~positive][None]
    assert auroc(scores, positive) == pytest.approx(np.mean((above > 0) + (above == 0) / 2))
    assert auroc(-scores, positive) == pytest.approx(1 - auroc(scores, positive))
    assert auroc(np.ones(300), positive) == 0.5


def test_only_the_order_of_the_scores_counts() -> None:
    scores, positive = drawn()
    assert auroc(np.exp(3 * scores), positive) == auroc(scores, positive)


def test_of_one_class_alone_there_is_none() -> None:
    assert np.isnan(auroc([0.1, 0.2], [True, True]))
    found = auroc_score([0.1, 0.2], [False, False])
    assert np.isnan([found.value, found.low, found.high]).all()


def test_the_interval_holds_the_value_and_grows_where_patients_are_drawn_whole() -> None:
    scores, positive = drawn(60, seed=3)
    single = auroc_score(scores, positive, seed=5)
    assert single.low < single.value == auroc(scores, positive) < single.high
    # Ten copies of everybody say no more than one.
    many = [np.repeat(of, 10) for of in (scores, positive, np.arange(60))]
    by_patient = auroc_score(many[0], many[1], groups=many[2], seed=5)
    by_record = auroc_score(many[0], many[1], seed=5)
    assert by_patient.value == by_record.value == single.value
    assert by_patient.high - by_patient.low > 2 * (by_record.high - by_record.low)
    assert by_patient.high - by_patient.low == pytest.approx(single.high - single.low, rel=0.2)


def test_a_perfect_order_has_the_interval_of_the_rarer_class() -> None:
    scores, positive = np.arange(20.0), np.arange(20) >= 16
    found = auroc_score(scores, positive)
    assert (found.value, found.low, found.high) == (1.0, *extreme_interval(1.0, 4))
    twice = auroc_score(scores, positive, groups=np.arange(20) // 2)
    assert (twice.low, twice.high) == extreme_interval(1.0, 2)
    assert auroc_score(-scores, positive).low == 0


@pytest.mark.parametrize(
    ("scores", "positive", "said"),
    [
        ([0.1, 0.2], [True], "a score for each of 1 records"),
        ([[0.1, 0.2]], [[True, False]], "found shape"),
        ([0.1, np.nan], [True, False], "found 1 that are NaN"),
    ],
)
def test_what_is_no_score_is_refused(scores: list[float], positive: list[bool], said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        auroc(scores, positive)

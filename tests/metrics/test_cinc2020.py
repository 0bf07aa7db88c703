"""The challenge metric of 2020: its matrix, its properties, and a table worked out by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from einthoven.errors import DatasetError
from einthoven.metrics import (
    bootstrap_interval,
    challenge_metric,
    challenge_score,
    merge_outputs,
    merge_scores,
    reward_matrix,
)
from einthoven.metrics.cinc2020 import (
    CLASSES,
    SCORED_CLASSES,
    SINUS,
    class_places,
    is_scored,
    judged_challenge_score,
)

CODES = tuple(code for scored in SCORED_CLASSES for code in scored.codes)
NAMES = ("NSR", "AF", "AFL")
# Sinus rhythm; AF; AF and flutter; AF; none.
LABELS = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 1, 0], [0, 0, 0]], bool)
# Sinus rhythm; flutter; AF; none; AF.
OUTPUTS = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 0], [0, 1, 0]], bool)
# Rewards: AF for flutter 0.5, either for sinus rhythm 0.25. Each record by the number of classes of either.
EARNED = 1 + 0.5 / 2 + (1 + 0.5) / 2 + 0 + 0
RIGHT = 1 + 1 + (1 + 0.5 + 0.5 + 1) / 2 + 1 + 0
INACTIVE = 1 + 0.25 / 2 + (0.25 + 0.25) / 3 + 0.25 / 2 + 0


def in_words(labels: np.ndarray, outputs: np.ndarray) -> float:
    """Return the metric as its definition says it, record by record and class by class."""
    weights = reward_matrix()

    def total(given: np.ndarray) -> float:
        cells = np.zeros((24, 24))
        for true, found in zip(labels, given, strict=True):
            n = max((true | found).sum(), 1)
            for j in np.flatnonzero(true):
                for k in np.flatnonzero(found):
                    cells[j, k] += 1 / n
        return float((weights * cells).sum())

    sinus = np.zeros_like(labels)
    sinus[:, SINUS] = True
    span = total(labels) - total(sinus)
    return (total(outputs) - total(sinus)) / span if span else float("nan")


def test_there_are_24_classes_of_27_codes() -> None:
    assert (len(CLASSES), len(set(CLASSES))) == (24, 24)
    assert (len(CODES), len(set(CODES))) == (27, 27)
    assert all(code.isdigit() for code in CODES)
    assert all(len(scored.codes) == len(scored.abbreviations) for scored in SCORED_CLASSES)
    assert SCORED_CLASSES[SINUS].codes == ("426783006",)
    together = {frozenset(scored.codes) for scored in SCORED_CLASSES if len(scored.codes) > 1}
    assert together == {
        frozenset({"713427006", "59118001"}),
        frozenset({"284470004", "63593006"}),
        frozenset({"427172004", "17338001"}),
    }


def test_a_class_is_known_by_each_of_its_names() -> None:
    for k, scored in enumerate(SCORED_CLASSES):
        assert set(class_places(scored.codes + scored.abbreviations)) == {k}


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [
        ("IAVB", "AF", 0.3),
        ("IAVB", "Brady", 0.5),
        ("IAVB", "LBBB", 0.325),
        ("PAC", "NSR", 0.4125),
        ("SVPB", "AF", 0.3375),
        ("PAC", "LAD", 0.4875),
        ("LQRSV", "RBBB", 0.475),
        ("LQT", "PAC", 0.3875),
        ("QAb", "NSR", 0.15),
        ("QAb", "PVC", 0.275),
        ("AF", "AFL", 0.5),
        ("59118001", "713427006", 1.0),
        ("284470004", "63593006", 1.0),
        ("427172004", "17338001", 1.0),
        ("10370003", "427084000", 0.5),
    ],
)
def test_rewards_are_the_published_ones(one: str, other: str, published: float) -> None:
    # Not about: the same number.
    assert reward_matrix((one, other)).tolist() == [[1.0, published], [published, 1.0]]


def test_the_matrix_has_its_closed_form() -> None:
    places = {
        0: ["NSR"],
        0.05: ["IAVB", "Brady", "IRBBB", "LPR", "SA", "SB"],
        0.0875: ["PAC"],
        0.1: ["LAnFB", "LAD", "NSIVCB", "RAD"],
        0.125: ["PR", "PVC", "STach"],
        0.15: ["RBBB"],
        0.175: ["LQRSV"],
        0.2: ["LQT"],
        0.225: ["LBBB"],
        0.25: ["AF", "AFL", "TAb", "TInv"],
        0.35: ["QAb"],
    }
    names = [name for members in places.values() for name in members]
    assert sorted(names) == sorted(CLASSES)
    r = np.repeat(list(places), [len(members) for members in places.values()])
    expected = 0.5 - np.abs(r[:, None] - r) + 0.5 * np.eye(24)
    np.testing.assert_allclose(reward_matrix(names), expected, rtol=0, atol=2e-16)


def test_the_matrix_is_symmetric_with_a_diagonal_of_1() -> None:
    for matrix in (reward_matrix(), reward_matrix(CODES)):
        assert np.array_equal(matrix, matrix.T)
        assert (np.diag(matrix) == 1).all()
        assert (matrix.min(), matrix.max()) == (0.15, 1.0)
    apart = reward_matrix()[~np.eye(24, dtype=bool)]
    assert apart.max() == 0.5
    # Merging codes changes no reward.
    places = class_places(CODES)
    assert np.array_equal(reward_matrix(CODES), reward_matrix()[np.ix_(places, places)])


def test_hand_worked_metric() -> None:
    assert pytest.approx((2, 4.5, 17 / 12)) == (EARNED, RIGHT, INACTIVE)
    expected = (EARNED - INACTIVE) / (RIGHT - INACTIVE)
    assert expected == pytest.approx(7 / 37)
    assert challenge_metric(LABELS, OUTPUTS, NAMES) == pytest.approx(expected)
    assert challenge_metric(LABELS, np.zeros_like(LABELS), NAMES) == pytest.approx(-17 / 37)


flags = hnp.arrays(np.bool_, st.tuples(st.just(2), st.integers(1, 6), st.just(24)))


@settings(max_examples=80, deadline=None)
@given(flags, st.randoms(use_true_random=False))
def test_properties_of_the_metric(both: np.ndarray, random: Any) -> None:
    labels, outputs = both
    found = challenge_metric(labels, outputs)
    assert found == pytest.approx(in_words(labels, outputs), nan_ok=True)
    rows, columns = random.sample(range(len(labels)), len(labels)), random.sample(range(24), 24)
    names = [CLASSES[k] for k in columns]
    turned = challenge_metric(labels[rows][:, columns], outputs[rows][:, columns], names)
    assert turned == pytest.approx(found, nan_ok=True)
    if np.isnan(found):
        assert (labels.sum(axis=1) == labels[:, SINUS]).all()
        return
    assert challenge_metric(labels, labels) == 1
    sinus = np.zeros_like(labels)
    sinus[:, SINUS] = True
    assert challenge_metric(labels, sinus) == 0
    assert challenge_metric(labels, np.zeros_like(labels)) < 0
    if (labels.sum(axis=1) <= 16).all():
        assert found <= 1 + 1e-12


def test_only_many_true_classes_can_earn_more_than_right() -> None:
    # A class amid all others is worth more for them than they are for each other.
    labels = ~np.isin(CLASSES, ["RBBB", "LBBB", "LQRSV", "LQT", "RAD", "SB", "TInv"])[None]
    assert labels.sum() == 17
    more = labels | np.isin(CLASSES, ["RAD"])
    assert challenge_metric(labels, more) == pytest.approx(in_words(labels, more))
    assert 1 < challenge_metric(labels, more) < 1.001


def test_where_sinus_rhythm_is_all_there_is_nothing_to_earn() -> None:
    assert np.isnan(challenge_metric([[True], [True]], [[True], [False]], ("NSR",)))
    assert np.isnan(challenge_metric(np.zeros((0, 24), bool), np.zeros((0, 24), bool)))


def test_codes_that_are_scored_as_one_are_one() -> None:
    labels = [[True, False, False, False], [False, False, True, False], [False, False, False, True]]
    outputs = [[False, True, False, False], [True, True, True, False], [False, False, False, True]]
    names = ("713427006", "RBBB", "PAC", "NSR")
    merged = merge_outputs(outputs, names)
    assert merged.shape == (3, 24)
    given = [{CLASSES[k] for k in np.flatnonzero(row)} for row in merged]
    assert given == [{"RBBB"}, {"RBBB", "PAC"}, {"NSR"}]
    assert challenge_metric(labels[:1], outputs[:1], names) == 1
    # Either of the codes, or both, make one output of two classes, of which PAC is right:
    # (1 + 0.4375) / 2, of 1, where sinus rhythm earns 0.4125 / 2. The others are right.
    inactive = (0.35 + 0.4125) / 2 + 1
    expected = (1 + (1 + 0.4375) / 2 + 1 - inactive) / (3 - inactive)
    assert challenge_metric(labels, outputs, names) == pytest.approx(expected)


def test_scores_of_merged_codes_are_their_mean() -> None:
    merged = merge_scores([[0.2, 0.9, 0.6], [0.0, 0.1, -1.0]], ("59118001", "AF", "CRBBB"))
    assert merged.shape == (2, 24)
    np.testing.assert_allclose(merged[:, CLASSES.index("RBBB")], [0.4, -0.5])
    np.testing.assert_allclose(merged[:, CLASSES.index("AF")], [0.9, 0.1])
    assert np.count_nonzero(merged) == 4
    assert np.array_equal(merge_scores(merged, CLASSES), merged)


def example(n: int = 150) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    labels = rng.random((n, 24)) < 0.1
    return labels, labels ^ (rng.random((n, 24)) < 0.05), rng.integers(40, size=n)


@pytest.mark.parametrize("by_patient", [False, True])
def test_the_interval_is_that_of_records_drawn_again(by_patient: bool) -> None:
    labels, outputs, patients = example()
    groups = patients if by_patient else None
    found = challenge_score(labels, outputs, groups=groups, n=80, seed=3)
    expected = bootstrap_interval(challenge_metric, labels, outputs, groups=groups, n=80, seed=3)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-11)
    assert found.value == pytest.approx(challenge_metric(labels, outputs), abs=1e-11)
    assert found.low < found.value < found.high
    assert found == challenge_score(labels, outputs, groups=groups, n=80, seed=3)
    assert found != challenge_score(labels, outputs, groups=groups, n=80, seed=4)


def test_perfect_outputs_leave_room_for_what_was_not_seen() -> None:
    labels = np.repeat(LABELS[:4], 3, axis=0)
    found = challenge_score(labels, labels, NAMES, n=50)
    worst = -INACTIVE / (RIGHT - INACTIVE)
    doubt = 1 - 0.025 ** (1 / 12)
    # As many records may be given no class.
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(1 - doubt * (1 - worst))
    always = np.zeros_like(labels)
    always[:, 0] = True
    inactive = challenge_score(labels, always, NAMES, groups=np.arange(12) // 2, n=50)
    doubt = 1 - 0.025 ** (1 / 6)
    assert (inactive.value, inactive.low, inactive.high) == pytest.approx((0, doubt * worst, doubt))


def test_the_records_of_one_patient_leave_all_open() -> None:
    found = challenge_score(LABELS, OUTPUTS, NAMES, groups=[1] * 5, n=20)
    assert (found.value, found.low, found.high) == pytest.approx((7 / 37, -17 / 37, 1))


def test_what_is_not_defined_has_no_interval() -> None:
    found = challenge_score([[True]], [[True]], ("NSR",), n=5)
    assert np.isnan([found.value, found.low, found.high]).all()
    with pytest.raises(DatasetError, match="found none"):
        challenge_score(LABELS[:0], OUTPUTS[:0], NAMES)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("NSR", "AF", "164861001"), "that the challenge of 2020 scores, found 164861001$"),
        (("NSR", "af", "flutter"), "found af, flutter$"),
        (("NSR", "AF"), "expected a name for each of 3 columns, found 2$"),
        (("NSR", "AF", "164889003"), "expected each code once, found more of 164889003, AF$"),
    ],
)
def test_classes_that_are_not_scored_are_refused(names: tuple[str, ...], said: str) -> None:
    for merge, values in ((merge_outputs, OUTPUTS), (merge_scores, OUTPUTS * 0.5)):
        with pytest.raises(DatasetError, match="^classes: .*" + said):
            merge(values, names)
    with pytest.raises(DatasetError, match=said):
        challenge_metric(LABELS, OUTPUTS, names)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"^outputs: expected the shape of the labels"):
        challenge_metric(LABELS, OUTPUTS[:2], NAMES)
    with pytest.raises(DatasetError, match=r"^labels: expected true or false"):
        challenge_metric(LABELS + 0.5, OUTPUTS, NAMES)
    with pytest.raises(DatasetError, match="found 1 that are NaN, the first of record 0, class 1"):
        merge_scores([[0.0, np.nan]], ("NSR", "AF"))
    with pytest.raises(DatasetError, match="a name for each of 3 columns, found 24"):
        challenge_metric(LABELS, OUTPUTS)
    with pytest.raises(DatasetError, match="a group for each of 5 records"):
        challenge_score(LABELS, OUTPUTS, NAMES, groups=[1])


def test_what_nobody_judged_counts_as_absent_and_not_given() -> None:
    names = ("NSR", "MI", "AF", "PVC")
    truth = np.array([[1, 0, 0, np.nan], [0, 1, 1, 0], [0, np.nan, 1, 1], [1, 1, 0, np.nan]])
    given = np.array([[1, 1, 0, 1], [0, 0, 1, 0], [1, 1, 0, 1], [1, 0, 1, 1]], bool)
    found = judged_challenge_score(truth, given, names, n=20)
    expected = given[:, [0, 2, 3]].copy()
    expected[[0, 3], 2] = False
    own = np.nan_to_num(truth[:, [0, 2, 3]]) == 1
    assert found == challenge_score(own, expected, ("NSR", "AF", "PVC"), n=20)
    # What was given of PVC where nobody judged it would have cost.
    assert found is not None
    assert found.value > challenge_metric(own, given[:, [0, 2, 3]], ("NSR", "AF", "PVC"))
    assert judged_challenge_score(truth[:, 1:], given[:, 1:], names[1:], n=20) is None


def test_the_metric_needs_sinus_rhythm_and_another_class() -> None:
    assert is_scored(("NSR", "AF", "NORM"))
    assert not is_scored(("AF", "PVC"))
    assert not is_scored(("NSR", "NORM"))

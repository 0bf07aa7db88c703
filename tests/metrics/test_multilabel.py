"""Scores of any number of classes a record: tables worked out by hand, and what must hold of any."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from einthoven import metrics
from einthoven.errors import DatasetError
from einthoven.metrics.bootstrap import bootstrap_interval, extreme_interval
from einthoven.metrics.multilabel import areas_of_ranked, rank_class
from einthoven.metrics.multilabel_table import output_table, ranking_table

CLASSES = ("A", "B", "C", "D")
# A and B, A, none, C, B and C; D never.
LABELS = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0]], bool)
# A, A and C, B, C, B.
OUTPUTS = np.array([[1, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]], bool)
# The first and the last record have two classes and count 1/2. Hits, false alarms and misses:
# A 1/2 + 1, 0, 0; B 1/2, 1, 1/2; C 1, 1, 1/2.
F2 = (1.0, 5 * 0.5 / (5 * 0.5 + 1 + 4 * 0.5), 5 / (5 + 1 + 4 * 0.5))
G2 = (1.0, 0.5 / (0.5 + 1 + 2 * 0.5), 1 / (1 + 1 + 2 * 0.5))
# As they are: A 2, 0, 0; B 1, 1, 1; C 1, 1, 1.
F1 = (1.0, 2 / 4, 2 / 4)

BY_CLASS = (metrics.f_beta_by_class, metrics.g_beta_by_class, metrics.f1_by_class)
MACRO = (metrics.macro_f_beta, metrics.macro_g_beta, metrics.macro_f1, metrics.exact_match)
AREAS = (metrics.auroc_by_class, metrics.auprc_by_class)


def drawn(n: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return labels of three classes, and scores of which many are alike."""
    rng = np.random.default_rng(seed)
    labels = rng.random((n, 3)) < (0.1, 0.3, 0.6)
    return labels, np.round(rng.normal(size=(n, 3)) + labels, 1)


def test_hand_worked_outputs() -> None:
    np.testing.assert_allclose(metrics.f_beta_by_class(LABELS, OUTPUTS), (*F2, np.nan))
    np.testing.assert_allclose(metrics.g_beta_by_class(LABELS, OUTPUTS), (*G2, np.nan))
    np.testing.assert_allclose(metrics.f1_by_class(LABELS, OUTPUTS), (*F1, np.nan))
    np.testing.assert_allclose(F2, (1, 5 / 11, 5 / 8))
    np.testing.assert_allclose(G2, (1, 1 / 5, 1 / 3))
    assert metrics.macro_f_beta(LABELS, OUTPUTS) == pytest.approx((1 + 5 / 11 + 5 / 8) / 3)
    assert metrics.macro_g_beta(LABELS, OUTPUTS) == pytest.approx((1 + 1 / 5 + 1 / 3) / 3)
    assert metrics.macro_f1(LABELS, OUTPUTS) == pytest.approx(2 / 3)
    # The fourth record alone is right.
    assert metrics.exact_match(LABELS, OUTPUTS) == pytest.approx(1 / 5)


def test_another_beta_weighs_misses_otherwise() -> None:
    # B has 1/2 hit, 1 false alarm, 1/2 miss.
    one = metrics.f_beta_by_class(LABELS, OUTPUTS, 1.0)
    assert one[1] == pytest.approx(2 * 0.5 / (2 * 0.5 + 1 + 0.5))
    assert metrics.g_beta_by_class(LABELS, OUTPUTS, 1.0)[1] == pytest.approx(0.5 / (0.5 + 1 + 0.5))


def test_in_the_spring_of_2020_an_empty_class_was_right() -> None:
    assert metrics.f_beta_by_class(LABELS, OUTPUTS, of_empty=1.0)[3] == 1
    assert metrics.macro_f_beta(LABELS, OUTPUTS, of_empty=1.0) == pytest.approx((sum(F2) + 1) / 4)
    assert metrics.macro_g_beta(LABELS, OUTPUTS, of_empty=1.0) == pytest.approx((sum(G2) + 1) / 4)
    # One that is given although it does not occur is not empty.
    assert metrics.f_beta_by_class([[0, 1]], [[1, 1]], of_empty=1.0).tolist() == [0, 1]


def test_hand_worked_areas() -> None:
    labels = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 1], [0, 0, 1], [1, 0, 1]], bool)
    scores = np.tile([[0.9], [0.8], [0.8], [0.6], [0.5]], 3)
    # Of six pairs 0.9 is right in two, 0.8 in one and a half, 0.5 in none.
    np.testing.assert_allclose(metrics.auroc_by_class(labels, scores), [3.5 / 6, np.nan, np.nan])
    # Down to 0.9 one of one is right, to 0.8 two of three, to 0.5 three of five; each gains a third.
    expected = (1 + 2 / 3 + 3 / 5) / 3
    np.testing.assert_allclose(metrics.auprc_by_class(labels, scores), [expected, np.nan, 1])
    assert metrics.macro_auroc(labels, scores) == pytest.approx(3.5 / 6)
    assert metrics.macro_auprc(labels, scores) == pytest.approx((expected + 1) / 2)


def test_each_class_has_the_area_of_its_own() -> None:
    labels, scores = drawn()
    expected = [metrics.auroc(*of_class) for of_class in zip(scores.T, labels.T, strict=True)]
    np.testing.assert_allclose(metrics.auroc_by_class(labels, scores), expected, rtol=1e-14)
    np.testing.assert_allclose(metrics.auroc_by_class(labels, -scores), 1 - np.array(expected), rtol=1e-13)


def test_a_record_drawn_often_is_as_many_records() -> None:
    labels, scores = drawn(50)
    times = np.random.default_rng(3).integers(0, 4, size=(5, 50))
    for has, values in zip(labels.T, scores.T, strict=True):
        areas = areas_of_ranked(rank_class(has, values), times)
        for resample, counts in enumerate(times):
            rows = np.repeat(np.arange(50), counts)
            expected = [area(has[rows, None], values[rows, None])[0] for area in AREAS]
            np.testing.assert_allclose(areas[:, resample], expected, rtol=1e-12)


def test_perfect_and_none() -> None:
    labels, _ = drawn()
    for score in MACRO:
        assert score(labels, labels) == 1
        assert score(labels, ~labels) == 0
    none = np.zeros_like(labels)
    assert metrics.macro_f_beta(labels, none) == metrics.macro_g_beta(labels, none) == 0
    assert metrics.macro_auroc(labels, labels.astype(float)) == metrics.macro_auprc(labels, labels) == 1
    assert metrics.macro_auroc(labels, -labels.astype(float)) == 0
    # Scores that are all alike say nothing: half of the pairs, and the share of the class.
    np.testing.assert_allclose(metrics.auroc_by_class(labels, none), 0.5)
    np.testing.assert_allclose(metrics.auprc_by_class(labels, none), labels.mean(axis=0))


def test_where_nothing_is_there_nothing_is_known() -> None:
    nothing = np.zeros((3, 2), bool)
    empty = np.zeros((0, 2), bool)
    for score in (metrics.macro_f_beta, metrics.macro_g_beta, metrics.macro_f1):
        assert np.isnan(score(nothing, nothing))
        assert np.isnan(score(empty, empty))
    assert metrics.macro_f_beta(nothing, nothing, of_empty=1.0) == 1
    assert np.isnan(metrics.exact_match(empty, empty))
    for area in (metrics.macro_auroc, metrics.macro_auprc):
        assert np.isnan(area(nothing, np.zeros((3, 2))))
        assert np.isnan(area(empty, np.zeros((0, 2))))


flags = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=3, max_dims=3, min_side=2, max_side=8))


@settings(max_examples=60, deadline=None)
@given(flags, st.randoms(use_true_random=False))
def test_any_order_of_records_and_classes_gives_the_same(both: np.ndarray, random: Any) -> None:
    labels, outputs = both[:2]
    rows, columns = (random.sample(range(size), size) for size in labels.shape)
    turned = labels[rows][:, columns], outputs[rows][:, columns]
    for score in BY_CLASS:
        found = score(labels, outputs)
        np.testing.assert_allclose(score(*turned), found[columns], rtol=1e-12)
        assert ((found >= 0) & (found <= 1) | np.isnan(found)).all()
        # What no record has or is given is not defined, and nothing else.
        assert np.isnan(found).tolist() == (~(labels | outputs).any(axis=0)).tolist()
    assert metrics.exact_match(*turned) == pytest.approx(metrics.exact_match(labels, outputs))
    scores = outputs + both[-1] * 0.5
    for area in AREAS:
        found = area(labels, scores)
        np.testing.assert_allclose(area(turned[0], scores[rows][:, columns]), found[columns], rtol=1e-12)
        assert ((found >= 0) & (found <= 1) | np.isnan(found)).all()


@settings(max_examples=60, deadline=None)
@given(flags)
def test_one_more_right_class_is_never_worse(both: np.ndarray) -> None:
    labels, outputs = both[:2]
    better = outputs | labels
    for score in BY_CLASS:
        before, after = score(labels, outputs), score(labels, better)
        assert (after >= before)[~np.isnan(before)].all()


@pytest.mark.parametrize("score", [*BY_CLASS, *MACRO])
@pytest.mark.parametrize(
    ("labels", "outputs", "said"),
    [
        ([1, 0], [1, 0], r"^labels: expected shape \(n_records, n_classes\), found \(2,\)$"),
        (np.zeros((2, 0), bool), np.zeros((2, 0), bool), r"^labels: .* found \(2, 0\)$"),
        ([[1, 0]], [1, 0], r"^outputs: expected shape \(n_records, n_classes\), found \(2,\)$"),
        ([[1, 0]], [[1, 0, 0]], r"^outputs: expected the shape of the labels, \(1, 2\), found \(1, 3\)$"),
        ([[1, 2]], [[1, 0]], r"^labels: expected true or false of each class, found other values \(int64\)$"),
        ([[1, 0]], [[0.5, 0]], r"^outputs: expected true or false .* \(float64\)$"),
        ([["1", "0"]], [[1, 0]], "^labels: expected true or false"),
    ],
)
def test_what_is_no_output_is_refused(
    score: Callable[..., Any], labels: Any, outputs: Any, said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        score(labels, outputs)


@pytest.mark.parametrize("area", [*AREAS, metrics.macro_auroc, metrics.macro_auprc])
@pytest.mark.parametrize(
    ("labels", "scores", "said"),
    [
        ([[1, 0]], [0.5, 0.5], r"^scores: expected shape \(n_records, n_classes\), found \(2,\)$"),
        ([[1, 0]], [[0.5]], r"^scores: expected the shape of the labels, \(1, 2\), found \(1, 1\)$"),
        ([[1, 0], [0, 1]], [[0, 1], [np.nan, 1]], "found 1 that are NaN, the first of record 1, class 0$"),
    ],
)
def test_what_is_no_score_is_refused(area: Callable[..., Any], labels: Any, scores: Any, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        area(labels, scores)


def test_output_table() -> None:
    table = output_table(LABELS, OUTPUTS, CLASSES, n=100)
    assert (table.classes, table.support, table.n_records) == (CLASSES, (2, 2, 2, 0), 5)
    for found, expected in ((table.f_beta, F2), (table.g_beta, G2), (table.f1, F1)):
        assert [score.value for score in found[:3]] == pytest.approx(expected)
        assert np.isnan([found[3].value, found[3].low, found[3].high]).all()
    assert [score.value for score in table.precision[:3]] == pytest.approx([1, 1 / 2, 1 / 2])
    assert [score.value for score in table.recall[:3]] == pytest.approx([1, 1 / 2, 1 / 2])
    assert table.exact_match.value == pytest.approx(1 / 5)
    assert table.macro_f1.value == pytest.approx(2 / 3)
    assert table.macro_f_beta.value == pytest.approx(sum(F2) / 3)
    assert table.macro_g_beta.value == pytest.approx(sum(G2) / 3)
    assert (table.beta, table.resampled) == (2.0, "records")
    assert json.loads(json.dumps(table.to_dict()))["macro_f1"]["value"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("by_patient", [False, True])
def test_intervals_are_those_of_records_drawn_again(by_patient: bool) -> None:
    labels, scores = drawn(120)
    outputs = scores > 0.8
    groups = np.random.default_rng(8).integers(30, size=120) if by_patient else None
    table = output_table(labels, outputs, "abc", groups=groups, n=60, seed=4)
    ranking = ranking_table(labels, scores, "abc", groups=groups, n=60, seed=4)
    assert table.resampled == ranking.resampled == ("patients" if by_patient else "records")
    wanted: list[tuple[metrics.Score, Callable[..., Any], np.ndarray]] = [
        (table.macro_f_beta, metrics.macro_f_beta, outputs),
        (table.macro_g_beta, metrics.macro_g_beta, outputs),
        (table.macro_f1, metrics.macro_f1, outputs),
        (table.exact_match, metrics.exact_match, outputs),
        (table.f_beta[1], lambda *both: metrics.f_beta_by_class(*both)[1], outputs),
        (table.g_beta[0], lambda *both: metrics.g_beta_by_class(*both)[0], outputs),
        (table.f1[2], lambda *both: metrics.f1_by_class(*both)[2], outputs),
        (table.recall[1], lambda has, given: given[has[:, 1], 1].mean(), outputs),
        (table.precision[1], lambda has, given: has[given[:, 1], 1].mean(), outputs),
        (ranking.macro_auroc, metrics.macro_auroc, scores),
        (ranking.macro_auprc, metrics.macro_auprc, scores),
        (ranking.auroc[0], lambda *both: metrics.auroc_by_class(*both)[0], scores),
        (ranking.auprc[2], lambda *both: metrics.auprc_by_class(*both)[2], scores),
    ]
    for found, statistic, values in wanted:
        assert found.value == pytest.approx(float(statistic(labels, values)), abs=1e-11)
        expected = bootstrap_interval(statistic, labels, values, groups=groups, n=60, seed=4)
        assert (found.low, found.high) == pytest.approx(expected, abs=1e-11)
        assert found.low < found.value < found.high


def test_perfect_outputs_leave_room_for_what_was_not_seen() -> None:
    labels = np.eye(2, dtype=bool)[np.repeat([0, 1], [4, 9])]
    table = output_table(labels, labels, ("a", "b"), n=20)
    # Clopper & Pearson: n of n still happen in 2.5 % of the cases with this share of hits.
    few, many, every = (0.025 ** (1 / n) for n in (4, 9, 13))
    assert (table.exact_match.low, table.exact_match.high) == pytest.approx((every, 1))
    assert [score.low for score in table.recall] == pytest.approx([few, many])
    assert [score.low for score in table.precision] == pytest.approx([few, many])
    assert [score.low for score in table.f1] == pytest.approx([2 * j / (1 + j) for j in (few, many)])
    # At worst all others are misses, of which each costs 4 in F2, and 2 in G2.
    assert table.f_beta[0].low == pytest.approx(5 * few / (5 * few + 4 * (1 - few)))
    assert table.g_beta[0].low == pytest.approx(few / (few + 2 * (1 - few)))
    assert table.macro_g_beta.low < table.macro_f_beta.low < 1 == table.macro_f_beta.high
    wrong = output_table(labels, ~labels, ("a", "b"), n=20)
    # All records have either class or are given it. At best all others are false alarms.
    reach = 1 - every
    assert (wrong.f_beta[0].value, wrong.f_beta[0].low) == (0, 0)
    assert wrong.f_beta[0].high == pytest.approx(5 * reach / (5 * reach + 1 - reach))
    assert wrong.g_beta[0].high == pytest.approx(reach)


def test_the_records_of_one_patient_leave_all_open() -> None:
    labels, scores = drawn(90)
    table = output_table(labels, scores > 0.5, "abc", groups=["x"] * 90, n=20)
    ranking = ranking_table(labels, scores, "abc", groups=["x"] * 90, n=20)
    for score in (table.macro_f_beta, table.f1[1], table.exact_match, ranking.macro_auroc, ranking.auprc[0]):
        assert 0 < score.value < 1
        assert (score.low, score.high) == (0, 1)


def test_a_perfect_order_has_the_interval_of_the_rarer_class() -> None:
    labels = (np.arange(20) >= 16)[:, None]
    table = ranking_table(labels, np.arange(20.0)[:, None], ("late",), n=50)
    for score in (table.auroc[0], table.auprc[0], table.macro_auroc, table.macro_auprc):
        assert (score.value, score.low, score.high) == pytest.approx((1.0, *extreme_interval(1.0, 4)))
    assert (table.support, table.n_records) == ((4,), 20)
    by_patient = ranking_table(labels, np.arange(20.0)[:, None], ("late",), groups=np.arange(20) // 2, n=50)
    assert by_patient.auroc[0].low == pytest.approx(extreme_interval(1.0, 2)[0])
    assert json.loads(json.dumps(table.to_dict()))["auroc"][0]["value"] == 1


def test_a_class_of_all_records_shows_no_order() -> None:
    table = ranking_table([[1], [1]], [[0.2], [0.3]], ("always",), n=10)
    assert np.isnan(table.auroc[0].value)
    assert np.isnan(table.macro_auroc.low)
    assert (table.auprc[0].value, table.auprc[0].high) == (1, 1)
    assert table.auprc[0].low == pytest.approx(0.025)


def test_empty_classes_of_the_spring_stand_on_all_records() -> None:
    nothing = np.zeros((6, 2), bool)
    table = output_table(nothing, nothing, ("a", "b"), of_empty=1.0, n=10)
    assert table.f_beta[0].value == table.macro_g_beta.value == 1
    share = 0.025 ** (1 / 6)
    assert table.g_beta[0].low == pytest.approx(share / (share + 2 * (1 - share)))
    assert np.isnan(table.f1[0].value)


def test_tables_repeat_with_their_seed() -> None:
    labels, scores = drawn(60)
    for table, values in ((output_table, scores > 0.5), (ranking_table, scores)):
        one, same, other = (table(labels, values, "abc", n=30, seed=seed) for seed in (1, 1, 2))
        assert one == same != other


@pytest.mark.parametrize("table", [output_table, ranking_table])
def test_tables_refuse_what_does_not_fit(table: Callable[..., Any]) -> None:
    with pytest.raises(DatasetError, match=r"^classes: expected a name for each of 4 columns, found 2$"):
        table(LABELS, OUTPUTS, ("A", "B"))
    with pytest.raises(DatasetError, match=r"^labels: expected shape .*, found \(0, 4\)"):
        table(LABELS[:0], OUTPUTS[:0], CLASSES)
    with pytest.raises(DatasetError, match="a group for each of 5 records"):
        table(LABELS, OUTPUTS, CLASSES, groups=[1, 2])


def with_unjudged() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    labels = (rng.random((60, 3)) < 0.4).astype(np.float64)
    labels[:20, 1] = np.nan
    return labels, rng.random((60, 3)).round(1)


def test_what_nobody_judged_counts_nothing_in_the_tables() -> None:
    labels, scores = with_unjudged()
    ranking = ranking_table(labels, scores, "abc", n=20)
    outputs = output_table(labels, scores > 0.5, "abc", n=20)
    judged = labels[20:], scores[20:]
    alone = ranking_table(*(item[:, [1]] for item in judged), "b", n=20)
    counted = output_table(judged[0][:, [1]], judged[1][:, [1]] > 0.5, "b", n=20)
    assert ranking.auroc[1].value == pytest.approx(alone.auroc[0].value)
    assert ranking.auprc[1].value == pytest.approx(alone.auprc[0].value)
    assert ranking.support[1] == outputs.support[1] == np.nansum(labels[:, 1])
    for measure in ("precision", "recall", "f1"):
        assert getattr(outputs, measure)[1].value == pytest.approx(getattr(counted, measure)[0].value)
    assert 0 < ranking.auroc[1].low < ranking.auroc[1].high < 1
    # Whatever is said of them.
    other = scores.copy()
    other[:20, 1] = 1
    assert ranking_table(labels, other, "abc", n=20) == ranking
    assert output_table(labels, other > 0.5, "abc", n=20) == outputs


def test_a_class_that_nobody_judged_has_no_scores() -> None:
    labels, scores = with_unjudged()
    labels[:, 1] = np.nan
    assert np.isnan(ranking_table(labels, scores, "abc", n=5).auroc[1].value)
    assert np.isnan(output_table(labels, scores > 0.5, "abc", n=5).f1[1].value)

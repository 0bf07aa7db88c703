"""The score of CPSC 2018 on a table worked out by hand."""

import json
from typing import Any

import numpy as np
import pytest

from einthoven.errors import DatasetError
from einthoven.metrics import bootstrap_interval, cpsc2018_score, cpsc2018_table
from einthoven.metrics.cpsc2018 import CLASSES, GROUPS, counted_classes, f1_by_class, group_f1

NORMAL, AF, IAVB, LBBB, RBBB, PAC, PVC, STD, STE = range(9)
LABELS = np.array(
    [
        [AF, RBBB, -1],
        [AF, RBBB, -1],
        [NORMAL, -1, -1],
        [IAVB, -1, -1],
        [STD, PAC, STE],
        [PVC, -1, -1],
        [PAC, -1, -1],
    ]
)
PREDICTED = np.array([RBBB, PAC, NORMAL, LBBB, STD, PVC, PVC])
# The first record counts as RBBB, which it is given; the second as AF, its first label, taken for PAC.
COUNTED = [RBBB, AF, NORMAL, IAVB, STD, PVC, PAC]
# 2 hits / (row + column): normal 2/(1+1), AF 0/(1+0), I-AVB 0/(1+0), LBBB 0/(0+1), RBBB 2/(1+1),
# PAC 0/(1+1), PVC 2/(1+2), STD 2/(1+1), STE 0/0.
F1 = [1, 0, 0, 0, 1, 0, 2 / 3, 1, np.nan]
# Block: 2 x 1 / (rows 1 + 0 + 1, columns 0 + 1 + 1). PC: 2 x 1 / (rows 1 + 1, columns 1 + 2).
# ST: 2 x 1 / (1 + 1).
GROUP_F1 = {"AF": 0.0, "Block": 2 / 4, "PC": 2 / 5, "ST": 1.0}


def example(n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    first = rng.integers(9, size=n)
    second = np.where(rng.random(n) < 0.2, rng.integers(9, size=n), -1)
    predicted = np.where(rng.random(n) < 0.7, first, rng.integers(9, size=n))
    return np.stack([first, second], axis=1), predicted, rng.integers(50, size=n)


def test_hand_worked_scores() -> None:
    assert counted_classes(LABELS, PREDICTED).tolist() == COUNTED
    np.testing.assert_allclose(f1_by_class(LABELS, PREDICTED), F1)
    # Of eight classes: ST elevation neither occurs nor is given.
    assert cpsc2018_score(LABELS, PREDICTED) == pytest.approx((1 + 1 + 2 / 3 + 1) / 8)
    assert group_f1(LABELS, PREDICTED) == pytest.approx(GROUP_F1)


def test_groups_are_of_known_classes() -> None:
    members = [name for group in GROUPS.values() for name in group]
    assert sorted(members) == sorted(set(CLASSES) - {"Normal"})


def test_any_of_the_labels_is_right() -> None:
    labels, _, _ = example()
    second = np.where(labels[:, 1] >= 0, labels[:, 1], labels[:, 0])
    assert cpsc2018_score(labels, labels[:, 0]) == cpsc2018_score(labels, second) == 1
    assert set(group_f1(labels, second).values()) == {1}
    wrong = (labels.max(axis=1) + 1) % 9
    wrong = np.where((labels == wrong[:, None]).any(axis=1), (wrong + 1) % 9, wrong)
    assert cpsc2018_score(labels, wrong) == 0


def test_the_order_of_records_and_of_later_labels_changes_nothing() -> None:
    labels, predicted, _ = example()
    order = np.random.default_rng(0).permutation(len(labels))
    assert cpsc2018_score(labels[order], predicted[order]) == cpsc2018_score(labels, predicted)
    turned = LABELS[:, [0, 2, 1]]
    assert cpsc2018_score(turned, PREDICTED) == cpsc2018_score(LABELS, PREDICTED)
    # The first label counts where none is right.
    assert counted_classes(LABELS[:2, [1, 0]], [NORMAL, NORMAL]).tolist() == [RBBB, RBBB]
    assert np.isnan(cpsc2018_score(np.empty((0, 3)), []))


def test_table() -> None:
    table = cpsc2018_table(LABELS, PREDICTED, n=100)
    np.testing.assert_allclose([score.value for score in table.f1], F1)
    assert table.score.value == pytest.approx(11 / 24)
    assert {name: score.value for name, score in table.groups.items()} == pytest.approx(GROUP_F1)
    assert table.groups["AF"] == table.f1[AF]
    confusion = np.zeros((9, 9), int)
    np.add.at(confusion, (COUNTED, PREDICTED), 1)
    assert np.array_equal(table.confusion, confusion)
    # One record of one: all that is known of the hits is that they are not below 0.025.
    assert table.groups["ST"].low == pytest.approx(2 * 0.025 / 1.025)
    assert json.loads(json.dumps(table.to_dict()))["groups"]["PC"]["value"] == pytest.approx(2 / 5)
    assert table.resampled == "records"


def test_intervals_are_those_of_records_drawn_again() -> None:
    labels, predicted, patients = example()
    for groups, name in ((None, "records"), (patients, "patients")):
        table = cpsc2018_table(labels, predicted, groups=groups, n=600)
        assert table.resampled == name
        for score, statistic in (
            (table.score, cpsc2018_score),
            (table.groups["Block"], lambda *drawn: group_f1(*drawn)["Block"]),
        ):
            expected = bootstrap_interval(statistic, labels, predicted, groups=groups, n=600)
            assert score.low < score.value < score.high
            # Of other draws: the quantiles differ by chance.
            assert (score.low, score.high) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("labels", "predicted", "said"),
    [
        ([0, 1], [0, 1], r"^labels: expected shape \(n_records, n_labels\), found \(2,\)$"),
        (np.empty((2, 0), int), [0, 1], r"^labels: .* found \(2, 0\)$"),
        ([[0], [1]], [0], "^expected one prediction a record, found 2 records and 1 predictions$"),
        ([[-1, 0]], [0], "^first labels: expected class indices from 0 to 8, found -1 to -1$"),
        ([[0, 9]], [0], "^labels: expected class indices from 0 to 8, or -1 for none, found 0 to 9$"),
        ([[0, -2]], [0], "found -2 to 0$"),
        ([[0.5]], [0], "^first labels: expected class indices in one row, found float64"),
        ([[0]], [9], "^predicted: expected class indices from 0 to 8, found 9 to 9$"),
        ([[0]], [-1], "^predicted: .* found -1 to -1$"),
    ],
)
def test_what_is_no_class_is_refused(labels: Any, predicted: Any, said: str) -> None:
    for score in (counted_classes, f1_by_class, cpsc2018_score, group_f1, cpsc2018_table):
        with pytest.raises(DatasetError, match=said):
            score(labels, predicted)


def test_a_table_needs_records() -> None:
    with pytest.raises(DatasetError, match="found none"):
        cpsc2018_table(np.empty((0, 1), int), np.empty(0, int))
    with pytest.raises(DatasetError, match="a group for each of 7 records"):
        cpsc2018_table(LABELS, PREDICTED, groups=[1, 2])

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.kernel_approximation import Nystroem
from sklearn.svm import SVC, LinearSVC

from einthoven.datasets.dealing import deal_labels
from einthoven.errors import DatasetError, SettingsError
from einthoven.metrics import auroc
from einthoven.training.heads import (
    UNKNOWN_LOGIT,
    SVMHead,
    SVMSettings,
    cross_fitted_head_logits,
    fit_head,
    fitting,
    machine,
)
from einthoven.training.heads.head import rbf
from einthoven.training.heads.platt import fit_platt
from einthoven.training.heads.settings import LINEAR_COSTS, NYSTROEM_COSTS, RBF_COSTS

N, D = 150, 6
KERNELS = ("linear", "rbf", "nystroem")
Table = NDArray[np.float32]


def recordings(n: int = N, n_features: int = D, seed: int = 0) -> tuple[Table, Table]:
    """Features of different means and scales, and three classes: of two signs each, one beyond a sphere."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, n_features))
    noise = 0.5 * rng.standard_normal((n, 3))
    has = np.stack([z[:, 0] - z[:, 1] > 0.2, z[:, 2] > 0.8, (z[:, :3] ** 2).sum(1) > 4], axis=1)
    flipped = np.abs(noise) > 1.1
    features = z * np.geomspace(0.1, 30, n_features) + np.linspace(-5, 50, n_features)
    return features.astype(np.float32), (has ^ flipped).astype(np.float32)


def standardised(head: SVMHead, features: Table) -> NDArray[np.float64]:
    return (features.astype(np.float64) - head.mean) * head.scale


@pytest.mark.parametrize("cost", [0.01, 1.0])
def test_linear_decisions_are_those_of_scikit_learn(cost: float) -> None:
    features, targets = recordings()
    head = fit_head(features, targets, settings=SVMSettings(costs=(cost,)))
    rows = standardised(head, features)
    np.testing.assert_allclose(rows.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(rows.std(0), 1, atol=1e-5)
    for index, column in enumerate(targets.T):
        peer = LinearSVC(C=cost, dual=False, tol=1e-3, class_weight="balanced").fit(rows, column)
        np.testing.assert_allclose(head.decision(features)[:, index], peer.decision_function(rows), atol=2e-3)
    assert head.vectors.shape == (0, D)
    assert head.weights.shape == (D, 3)


@pytest.mark.parametrize("gamma", [None, 0.4])
def test_rbf_decisions_are_those_of_scikit_learn(gamma: float | None) -> None:
    features, targets = recordings()
    head = fit_head(features, targets, settings=SVMSettings(kernel="rbf", costs=(2.0,), gamma=gamma))
    rows = standardised(head, features)
    used = set()
    for index, column in enumerate(targets.T):
        peer = SVC(C=2.0, gamma=gamma or "scale", class_weight="balanced", tol=1e-5).fit(rows, column)
        np.testing.assert_allclose(head.decision(features)[:, index], peer.decision_function(rows), atol=5e-3)
        used |= {tuple(row) for row in peer.support_vectors_.round(4)}
    assert abs(len(head.vectors) - len(used)) <= 3, "support vectors are shared between classes"
    assert len(head.vectors) < len(features) + 1
    assert head.weights.shape == (len(head.vectors), 3)


def test_nystroem_decisions_are_those_of_scikit_learn() -> None:
    features, targets = recordings()
    settings = SVMSettings(kernel="nystroem", costs=(0.5,), n_components=20)
    head = fit_head(features, targets, settings=settings)
    rows = standardised(head, features)
    basis = Nystroem(gamma=float(head.gamma), n_components=20).fit(head.vectors.astype(np.float64))
    coordinates = basis.transform(rows)
    for index, column in enumerate(targets.T):
        peer = LinearSVC(C=0.5, dual=False, tol=1e-3, class_weight="balanced").fit(coordinates, column)
        found = head.decision(features)[:, index]
        np.testing.assert_allclose(found, peer.decision_function(coordinates), atol=2e-2)
    assert head.vectors.shape == (20, D)
    assert float(head.gamma) == pytest.approx(1 / D)
    known = {tuple(row) for row in rows.round(4)}
    assert all(tuple(row) in known for row in head.vectors.astype(np.float64).round(4))


def test_nystroem_with_all_recordings_is_the_exact_kernel() -> None:
    features, _ = recordings(40)
    settings = SVMSettings(kernel="nystroem", n_components=1000, gamma=0.3)
    rows = features.astype(np.float64) / features.std(0)
    design = machine.prepare_design(rows, settings)
    np.testing.assert_allclose(design.rows @ design.rows.T, rbf(rows, rows, 0.3), atol=1e-4)


def test_recordings_that_are_there_twice_do_not_blow_up_the_approximation() -> None:
    features, targets = recordings(60)
    features[30:] = features[:30] + np.float32(1e-6)
    head = fit_head(features, targets, settings=SVMSettings(kernel="nystroem", n_components=60))
    assert np.abs(head.weights).max() < 1e4
    assert np.isfinite(head.logits(features)).all()


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_probabilities_are_calibrated_and_rank_new_recordings(kernel: Any) -> None:
    features, targets = recordings(400)
    new, truth = recordings(400, seed=1)
    head = fit_head(features, targets, settings=SVMSettings(kernel=kernel, n_components=100))
    probs = 1 / (1 + np.exp(-head.logits(new)))
    assert np.abs(probs.mean(0) - truth.mean(0)).max() < 0.06
    assert auroc(probs[:, 0], truth[:, 0] == 1) > 0.85
    beyond_the_sphere = auroc(probs[:, 2], truth[:, 2] == 1)
    assert beyond_the_sphere < 0.65 if kernel == "linear" else beyond_the_sphere > 0.75
    assert (head.slope > 0).all() or kernel == "linear"


def test_the_chosen_cost_ranks_best_out_of_fold() -> None:
    features, targets = recordings(120, n_features=40)
    settings = SVMSettings(costs=(1e-5, 1e-3, 1e-1, 10.0))
    chosen = fit_head(features, targets[:, :1], settings=settings).costs[0]
    # The same, written out: records in the head's own order, the three folds dealt by their two sides.
    table = features.astype(np.float64)
    order = np.argsort(table[:, -1])
    rows = (table[order] - table.mean(0)) / table.std(0)
    y = targets[order, 0] == 1
    folds = deal_labels(np.column_stack([y, ~y]), [None] * len(y), 3, 0)
    areas = []
    for cost in settings.costs or ():
        decisions = np.empty(len(y))
        for fold in range(3):
            weighed = cost * len(y) / (folds != fold).sum()
            peer = LinearSVC(C=weighed, dual=False, tol=1e-3, class_weight="balanced")
            peer.fit(rows[folds != fold], y[folds != fold])
            decisions[folds == fold] = peer.decision_function(rows[folds == fold])
        areas.append(auroc(decisions, y))
    assert chosen == pytest.approx((settings.costs or ())[int(np.argmax(areas))])
    assert len(set(areas)) == 4


def test_the_search_ends_after_two_costs_that_do_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []
    areas = iter([0.6, 0.7, 0.7, 0.65, 0.9])

    def fit(self: machine.Design, *given: Any) -> machine.Plane:
        tried.append(given[-1])
        return machine.Plane(np.ones(self.rows.shape[1]), 0.0, True)

    monkeypatch.setattr(machine.Design, "fit", fit)
    monkeypatch.setattr(fitting, "auroc", lambda *_: next(areas))
    features, targets = recordings()
    head = fit_head(features, targets[:, :1], settings=SVMSettings(costs=(1, 2, 3, 4, 5)))
    # Two thirds of the recordings learn with one and a half times as much, so that the sums weigh the same.
    assert tried == [1.5] * 3 + [3] * 3 + [4.5] * 3 + [6] * 3 + [2]
    assert head.costs.tolist() == [2]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("value", [0.0, 7.1, 1e6])
def test_constant_features_count_for_nothing(kernel: Any, value: float) -> None:
    features, targets = recordings()
    settings = SVMSettings(kernel=kernel, n_components=30)
    without = fit_head(features, targets, settings=settings)
    more = np.insert(features, 2, value, axis=1).astype(np.float32)
    head = fit_head(more, targets, settings=settings)
    assert head.scale[2] == 0
    assert head.gamma == without.gamma
    # Whatever a constant feature becomes in a new recording says nothing.
    more[:, 2] = np.linspace(-1e3, 1e3, N)
    np.testing.assert_allclose(head.logits(more), without.logits(features), atol=1e-3)


def test_features_that_only_round_differently_are_constant() -> None:
    features, targets = recordings()
    features[:, 4] = np.float32(1000) + np.float32(1e-4) * (np.arange(N) % 2)
    assert fit_head(features, targets).scale[4] == 0
    features[:, 4] = 1e-3 * np.arange(N)
    assert fit_head(features, targets).scale[4] > 0


@pytest.mark.parametrize("kernel", KERNELS)
def test_features_that_are_all_constant_give_constant_heads(kernel: Any) -> None:
    _, targets = recordings()
    head = fit_head(np.ones((N, D), np.float32), targets, settings=SVMSettings(kernel=kernel))
    shares = (targets.sum(0) + 1) / (N + 2)
    np.testing.assert_allclose(1 / (1 + np.exp(-head.logits(np.ones((2, D))))), [shares, shares], rtol=1e-5)
    assert len(head.notes) == 3
    assert all("every feature is constant: it always answers" in note for note in head.notes)


@pytest.mark.parametrize(
    ("positives", "share", "note"),
    [
        (0, 1 / (N + 2), f"0 of {N} records have it"),
        (N, (N + 1) / (N + 2), f"{N} of {N} records have it"),
        (1, 2 / (N + 2), f"1 patients with it and {N - 1} without"),
    ],
)
@pytest.mark.parametrize("kernel", KERNELS)
def test_classes_that_cannot_be_taught_answer_with_their_share(
    kernel: Any, positives: int, share: float, note: str
) -> None:
    features, targets = recordings()
    targets[:, 1] = np.arange(N) < positives
    head = fit_head(features, targets, settings=SVMSettings(kernel=kernel, n_components=30))
    np.testing.assert_allclose(1 / (1 + np.exp(-head.logits(features)[:, 1])), share, rtol=1e-5)
    assert not head.weights[:, 1].any()
    assert np.isnan(head.costs).tolist() == [False, True, *np.isnan(head.costs[2:])]
    assert f"class 1: {note}: it always answers with its share" in head.notes.tolist()


def test_a_class_of_few_recordings_takes_the_middle_cost() -> None:
    features, targets = recordings()
    targets[:, 1] = 0
    targets[np.argsort(features[:, 2])[-4:], 1] = 1
    head = fit_head(features, targets)
    assert head.costs[1] == pytest.approx(1e-3)
    assert auroc(head.logits(features)[:, 1], targets[:, 1] == 1) > 0.9
    assert head.notes.tolist() == [] or "class 1" not in " ".join(head.notes)


def test_classes_that_rank_worse_than_chance_are_constant() -> None:
    rng = np.random.default_rng(0)
    targets = (rng.random((40, 30)) < 0.3).astype(np.float32)
    head = fit_head(rng.standard_normal((40, D)), targets)
    constant = head.slope == 0
    assert 0 < constant.sum() < 30
    assert sum("no better than chance" in note for note in head.notes) == constant.sum()
    assert (head.slope >= 0).all()


def test_a_cost_that_leaves_no_support_vector_free_is_passed_over() -> None:
    # With C = 0.001 the constant of an RBF machine may be anything from -1 to 1, as chance has it.
    features, targets = recordings()
    both, alone, right = (
        fit_head(features, targets, settings=SVMSettings(kernel="rbf", costs=costs))
        for costs in ((0.001, 1.0), (0.001,), (1.0,))
    )
    assert both.costs.tolist() == [1, 1, 1]
    np.testing.assert_array_equal(both.logits(features), right.logits(features))
    assert both.notes.tolist() == []
    assert "C = 0.001 is so small that no support vector is free" in alone.notes[0]


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_platts_numbers_fit_the_machine_that_learned_from_all(kernel: Any) -> None:
    features, targets = recordings(600)
    new, truth = recordings(3000, seed=1)
    cost = 1e-4 if kernel == "linear" else 0.05
    settings = SVMSettings(kernel=kernel, costs=(cost,), n_inner=2)
    head = fit_head(features, targets[:, :1], settings=settings)
    slope, _ = fit_platt(head.decision(new)[:, 0], truth[:, 0] == 1)
    # Two inner folds learn from half of the recordings: with the same C their values are half as large.
    assert head.slope[0] == pytest.approx(slope, rel=0.25)


@pytest.mark.parametrize("kernel", KERNELS)
def test_recordings_nobody_judged_are_left_out_of_a_class(kernel: Any) -> None:
    features, targets = recordings()
    settings = SVMSettings(kernel=kernel, n_components=30)
    partly = targets.copy()
    partly[100:, 0] = np.nan
    head, whole = (fit_head(features, t, settings=settings) for t in (partly, targets))
    # Sums over other support vectors may round otherwise.
    np.testing.assert_allclose(
        head.logits(features)[:, 1:], whole.logits(features)[:, 1:], rtol=1e-4, atol=1e-5
    )
    assert (head.logits(features)[:, 0] != whole.logits(features)[:, 0]).any()
    partly[:, 0] = np.nan
    unknown = fit_head(features, partly, settings=settings)
    np.testing.assert_array_equal(unknown.logits(features)[:, 0], 0)
    assert "class 0: 0 of 0 records have it" in unknown.notes[0]


def test_unjudged_recordings_are_never_fitted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    features, targets = recordings()
    targets[::3] = np.nan
    judged = set(features[np.arange(N) % 3 > 0, 0].tolist())
    seen: set[float] = set()
    original = machine.Design.fit

    def fit(
        self: machine.Design, records: machine.Rows, positive: machine.Flags, cost: float
    ) -> machine.Plane:
        seen.update(np.sort(features[:, 0])[np.argsort(np.argsort(self.rows[:, 0]))[records]].tolist())
        return original(self, records, positive, cost)

    monkeypatch.setattr(machine.Design, "fit", fit)
    fit_head(features, targets)
    assert seen == judged


@pytest.mark.parametrize("as_names", [False, True])
def test_patients_are_on_one_side_of_every_inner_fold(
    monkeypatch: pytest.MonkeyPatch, as_names: bool
) -> None:
    features, targets = recordings()
    patients = np.arange(N) // 4
    features[:, 0] = np.arange(N)
    sides: list[tuple[set[int], set[int]]] = []
    original = machine.Design.decisions
    learned: list[Any] = []
    original_fit = machine.Design.fit

    def fit(
        self: machine.Design, records: machine.Rows, positive: machine.Flags, cost: float
    ) -> machine.Plane:
        learned.append(self.rows[records, 0])
        return original_fit(self, records, positive, cost)

    def decisions(self: machine.Design, records: machine.Rows, plane: machine.Plane) -> Any:
        rank = np.argsort(np.argsort(self.rows[:, 0]))
        position = dict(zip(self.rows[:, 0].tolist(), rank.tolist(), strict=True))
        of = [
            {int(patients[position[x]]) for x in rows.tolist()}
            for rows in (learned[-1], self.rows[records, 0])
        ]
        sides.append((of[0], of[1]))
        return original(self, records, plane)

    monkeypatch.setattr(machine.Design, "fit", fit)
    monkeypatch.setattr(machine.Design, "decisions", decisions)
    groups: Any = [f"p{patient}" for patient in patients] if as_names else patients
    fit_head(features, targets, groups)
    assert len(sides) >= 3 * 3
    assert all(not seen & held_out and len(held_out) > 5 for seen, held_out in sides)


def test_patients_without_a_name_are_their_own() -> None:
    features, targets = recordings()
    alone = fit_head(features, targets)
    for groups in ([None] * N, list(range(N)), [f"p{i}" if i % 2 else None for i in range(N)]):
        head = fit_head(features, targets, groups)
        np.testing.assert_array_equal(head.logits(features), alone.logits(features))
    shared = fit_head(features, targets, np.arange(N) // 10)
    assert (shared.logits(features) != alone.logits(features)).any()


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_order_of_the_recordings_does_not_matter(kernel: Any) -> None:
    features, targets = recordings()
    targets[::7, 1] = np.nan
    patients = np.arange(N) // 3
    settings = SVMSettings(kernel=kernel, n_components=30)
    head = fit_head(features, targets, patients, settings)
    order = np.random.default_rng(5).permutation(N)
    other = fit_head(features[order], targets[order], 1000 - patients[order], settings)
    for name, array in head.to_arrays().items():
        np.testing.assert_array_equal(array, other.to_arrays()[name], err_msg=name)


def test_the_seed_decides() -> None:
    features, targets = recordings()
    settings = SVMSettings(kernel="nystroem", n_components=20)
    one, again = (fit_head(features, targets, settings=settings) for _ in range(2))
    other = fit_head(features, targets, settings=replace(settings, seed=1))
    np.testing.assert_array_equal(one.logits(features), again.logits(features))
    assert (one.vectors != other.vectors).any()
    assert (one.slope != other.slope).any()


@pytest.mark.parametrize("kernel", KERNELS)
def test_solvers_that_do_not_end_are_noted_without_a_warning(
    kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "MAX_LINEAR_STEPS", 1)
    monkeypatch.setattr(machine, "MAX_RBF_STEPS", 1)
    features, targets = recordings()
    settings = SVMSettings(kernel=kernel, n_components=30, costs=(1.0,))
    head = fit_head(features, targets[:, :1], settings=settings)
    assert head.notes.tolist() == ["class 0: 4 of 4 fits with C = 1 did not converge"]


def test_progress_is_told_of_every_class() -> None:
    features, targets = recordings()
    told: list[tuple[int, int]] = []
    fit_head(features, targets, progress=lambda *counts: told.append(counts))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("kernel", KERNELS)
def test_arrays_come_back_from_a_file_without_pickle(kernel: Any, tmp_path: Path) -> None:
    features, targets = recordings()
    targets[:, 1] = 0
    head = fit_head(features, targets, settings=SVMSettings(kernel=kernel, n_components=30))
    np.savez(tmp_path / "head.npz", **head.to_arrays())
    with np.load(tmp_path / "head.npz", allow_pickle=False) as arrays:
        back = SVMHead.from_arrays(arrays)
    np.testing.assert_array_equal(back.logits(features), head.logits(features))
    assert back.notes.tolist() == head.notes.tolist() != []
    assert (back.n_features, back.n_classes) == (D, 3)
    numbers = [array for name, array in head.to_arrays().items() if name != "notes"]
    assert all(array.dtype == np.float32 for array in numbers)
    with pytest.raises(DatasetError, match="found no slope"):
        SVMHead.from_arrays({name: a for name, a in head.to_arrays().items() if name != "slope"})


def test_decisions_of_many_recordings_are_those_of_each() -> None:
    features, targets = recordings()
    head = fit_head(features, targets, settings=SVMSettings(kernel="rbf"))
    many = np.tile(features, (9, 1))
    np.testing.assert_allclose(head.logits(many)[-N:], head.logits(features), atol=1e-9)
    assert head.logits(features[:0]).shape == (0, 3)
    np.testing.assert_allclose(head.logits(features), head.decision(features) * head.slope + head.offset)


def test_each_part_is_judged_by_a_head_of_the_others() -> None:
    features, targets = recordings()
    parts, patients = np.arange(N) // 2 % 3, np.arange(N) // 2
    logits = cross_fitted_head_logits(features, targets, patients, parts)
    for part in range(3):
        inside = parts == part
        head = fit_head(features[~inside], targets[~inside], patients[~inside])
        np.testing.assert_array_equal(logits[inside], head.judged_logits(features[inside]))
    assert cross_fitted_head_logits(features, targets, None, np.where(parts, "a", "b")).shape == (N, 3)


@pytest.mark.parametrize("n_positive", [1, 2, 3, 5])
def test_random_features_rank_by_chance_however_few_have_the_class(n_positive: int) -> None:
    areas = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        targets = np.zeros((100, 1))
        targets[rng.choice(100, n_positive, replace=False)] = 1
        parts = deal_labels(targets, [str(row) for row in range(100)], 5, 0)
        features = rng.standard_normal((100, 4))
        logits = cross_fitted_head_logits(features, targets, None, parts, SVMSettings(costs=(1e-3,)))
        areas.append(auroc(logits[:, 0], targets[:, 0] == 1))
    # The area of n random positives among 100 has a standard deviation of some sqrt(1 / 12 n).
    noise = np.sqrt(1 / (12 * n_positive * len(areas)))
    assert np.mean(areas) == pytest.approx(0.5, abs=3 * noise)
    # Two that teach, or fewer, teach nothing that parts could be compared by.
    assert (set(areas) == {0.5}) is (n_positive < 4)


def test_a_class_without_a_machine_has_one_logit_where_it_is_judged_and_its_share_where_it_is_packed() -> (
    None
):
    features, targets = recordings()
    targets[:, 1], targets[:7, 2], targets[7:, 2] = 0, 1, 0
    targets[0, 1] = 1
    parts = np.arange(N) % 5
    logits = cross_fitted_head_logits(features, targets, None, parts)
    assert set(logits[:, 1]) == {UNKNOWN_LOGIT}
    assert len(np.unique(logits[:, 0])) > 100
    head = fit_head(features, targets)
    np.testing.assert_allclose(head.logits(features)[:, 1], np.log(2 / N))
    np.testing.assert_array_equal(head.judged_logits(features)[:, 1], UNKNOWN_LOGIT)
    np.testing.assert_array_equal(head.judged_logits(features)[:, 0], head.logits(features)[:, 0])
    # Of seven patients some part keeps five or more for the others: machines, or chance, answer.
    assert len(np.unique(logits[:, 2])) > 1


@pytest.mark.parametrize(
    ("parts", "patients", "message"),
    [
        (np.zeros(N), None, "expected two or more parts"),
        (np.arange(N - 1), None, "expected two or more parts of 150 records"),
        (np.arange(N) % 2, np.arange(N) // 2, "found 75 in another one too"),
    ],
)
def test_parts_that_prove_nothing_are_refused(parts: Any, patients: Any, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        cross_fitted_head_logits(*recordings(), patients, parts)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.ones(N)}, r"expected features \(n_records, n_features\), found shape \(150,\)"),
        ({"features": np.full((N, D), np.nan)}, "expected finite features, found 150 of 150 records"),
        ({"features": np.ones((0, D)), "targets": np.ones((0, 2))}, "one or more"),
        ({"targets": np.ones(N)}, r"found shape \(150,\)"),
        ({"targets": np.ones((N - 1, 2))}, r"of 150 records, one or more, found shape \(149, 2\)"),
        ({"targets": np.full((N, 2), 0.5)}, "expected targets 0, 1 or NaN, found 300 others"),
        ({"groups": [1, 2]}, "expected patients of 150 records, found 2"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    features, targets = recordings()
    with pytest.raises(DatasetError, match=message):
        fit_head(**{"features": features, "targets": targets} | change)


def test_features_of_another_network_are_refused() -> None:
    features, targets = recordings()
    head = fit_head(features, targets)
    with pytest.raises(DatasetError, match=r"expected features \(n_records, 6\), found shape \(150, 5\)"):
        head.decision(features[:, :5])


def test_mixed_patients_who_cannot_be_divided_are_told_of() -> None:
    # Both patients without the class are dealt to one fold at worst; then nothing is left to learn it from.
    features, targets = recordings(6)
    targets[:, 0] = [1, 0, 1, 0, 1, 1]
    head = fit_head(features, targets[:, :1], ["a", "a", "a", "a", "b", "b"])
    assert "class 0: 2 patients with it and 1 without" in head.notes[0]


def test_inner_folds_that_leave_one_side_alone_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    features, targets = recordings(40)
    monkeypatch.setattr(fitting, "deal_labels", lambda sides, *_: (~sides[:, 0]).astype(np.int64))
    head = fit_head(features, targets[:, :1])
    assert "class 0: too few patients with it, or without, for 3 inner folds" in head.notes[0]


def test_settings_are_json_and_come_back() -> None:
    settings = SVMSettings(kernel="rbf", costs=(0.1, 1.0), gamma=0.5)
    assert SVMSettings(**json.loads(json.dumps(asdict(settings)))) == settings


def test_kernel_and_costs_follow_the_number_of_recordings() -> None:
    auto = SVMSettings(kernel="auto")
    assert (auto.kernel_for(10_000), auto.kernel_for(10_001)) == ("rbf", "nystroem")
    assert (auto.costs_for(10_000), auto.costs_for(10_001)) == (RBF_COSTS, NYSTROEM_COSTS)
    assert SVMSettings().costs_for(1) == LINEAR_COSTS
    assert SVMSettings(costs=(1.0,)).costs_for(1) == (1.0,)


@pytest.mark.parametrize(
    "change",
    [
        {"kernel": "poly"},
        {"costs": ()},
        {"costs": (0.0, 1.0)},
        {"costs": (1.0, 0.1)},
        {"n_inner": 1},
        {"gamma": 0.0},
        {"n_components": 0},
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"SVMSettings: expected {next(iter(change))} to be"):
        SVMSettings(**change)

"""Means over classes that others report, and what stands beside the scores of several labels."""

import json

import numpy as np
import pytest

from einthoven.decisions import sigmoid
from einthoven.metrics import macro_auprc, macro_auroc, macro_f1, macro_f_beta, macro_g_beta
from einthoven.metrics.cinc2020 import CLASSES as CHALLENGE
from einthoven.training.class_groups import (
    FREQUENT,
    class_groups,
    outputs_of_groups,
    ranking_of_groups,
)
from einthoven.training.head_scores import by_rule
from einthoven.training.judgement import judge_labels
from einthoven.training.label_evaluation import LabelEvaluation, evaluate_labels
from einthoven.training.run_folder import Run
from einthoven.truth import MIN_POSITIVES

Runs = tuple[Run, ...]
SUPER = ("NORM", "MI", "STTC", "CD", "HYP")


@pytest.fixture(scope="module")
def evaluation(labelled_runs: Runs) -> LabelEvaluation:
    return evaluate_labels(labelled_runs, rules=("fixed", "challenge"), n_resamples=20)


def test_a_published_set_is_a_group_where_all_of_it_is_there() -> None:
    every = ("MI", *CHALLENGE, "NORM", "STTC", "CD", "HYP")
    frequent, challenge, ptbxl = class_groups(
        every, [MIN_POSITIVES - 1, *([MIN_POSITIVES] * 28)], [True] * 29
    )
    assert (frequent.name, frequent.classes) == (FREQUENT, every[1:])
    assert (challenge.name, challenge.classes) == ("challenge-2020", CHALLENGE)
    assert challenge.columns == tuple(range(1, 25))
    # In the order of the columns, whatever the published one is.
    assert (ptbxl.name, ptbxl.classes) == ("ptbxl-superclasses", ("MI", "NORM", "STTC", "CD", "HYP"))
    assert ptbxl.columns == (0, 25, 26, 27, 28)
    assert [group.name for group in class_groups(SUPER, [0] * 5, [True] * 5)] == ["ptbxl-superclasses"]
    assert [group.name for group in class_groups(SUPER[:4], [0, 0, 10, 0], [True] * 4)] == [FREQUENT]
    assert class_groups(CHALLENGE[:23], [9] * 23, [True] * 23) == ()


def test_means_are_of_the_columns_of_the_group_alone() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((80, 4)) < 0.3).astype(np.float64)
    logits = rng.standard_normal((80, 4)) + truth
    (group,) = class_groups(("a", "b", "c", "d"), [5, 20, 5, 20], [True] * 4)
    assert group.columns == (1, 3)
    own, scores, outputs = truth[:, [1, 3]], logits[:, [1, 3]], logits > 0.5
    (ranked,) = ranking_of_groups([group], truth, logits, patients=None, n=50)
    assert ranked.means["AUROC"].value == pytest.approx(macro_auroc(own, scores))
    assert ranked.means["AUPRC"].value == pytest.approx(macro_auprc(own, scores))
    (given,) = outputs_of_groups([group], truth, outputs, patients=None, n=50)
    expected = (macro_f1, macro_f_beta, macro_g_beta)
    for name, of in zip(("F1", "F2", "G2"), expected, strict=True):
        assert given.means[name].value == pytest.approx(of(own, outputs[:, [1, 3]]))
    for score in (*ranked.means.values(), *given.means.values()):
        assert score.low < score.value < score.high
    assert json.loads(json.dumps(given.to_dict()))["classes"] == ["b", "d"]


def test_patients_are_drawn_whole() -> None:
    rng = np.random.default_rng(1)
    truth = np.repeat((rng.random((20, 2)) < 0.5).astype(np.float64), 10, axis=0)
    logits = np.repeat(rng.standard_normal((20, 2)), 10, axis=0) + truth
    groups = class_groups(("a", "b"), [50, 50], [True, True])
    widths = []
    for patients in (None, np.repeat(np.arange(20), 10)):
        (found,) = ranking_of_groups(groups, truth, logits, patients=patients, n=200)
        widths.append(found.means["AUROC"].high - found.means["AUROC"].low)
    assert widths[1] > 2 * widths[0]


def test_an_evaluation_states_its_groups(evaluation: LabelEvaluation) -> None:
    (head,) = evaluation.heads
    (group,) = head.groups
    # LBBB is nobody's.
    assert (group.name, group.classes) == (FREQUENT, ("NSR", "AF", "PVC"))
    assert group.means["AUROC"].value == pytest.approx(head.ranking.macro_auroc.value)
    given = by_rule(head)["fixed"]
    assert given.groups[0].means["F1"].value == pytest.approx(
        np.nanmean([score.value for score in given.table.f1[:3]])
    )


def test_specificity_is_of_those_judged_not_to_have_the_class(evaluation: LabelEvaluation) -> None:
    scores, (head,) = evaluation.scores, evaluation.heads
    # Half is where a logit changes its sign: no temperature moves that.
    outputs = scores.logits >= 0
    for column, found in enumerate(by_rule(head)["fixed"].specificity):
        without = scores.truth[:, column] == 0
        assert found.value == pytest.approx(1 - outputs[without, column].mean())
        assert found.low <= found.value <= found.high
    assert by_rule(head)["fixed"].n_unanswered == (~outputs.any(axis=1)).sum()
    # That rule gives each recording a class.
    assert by_rule(head)["challenge"].n_unanswered == 0


def test_what_nobody_judged_counts_nothing(evaluation: LabelEvaluation) -> None:
    assert evaluation.judged == (60, 60, 52, 60)
    (head,) = evaluation.heads
    assert head.reliability.counts.sum() == sum(evaluation.judged)
    facts = json.loads(json.dumps(evaluation.to_dict()))
    assert facts["judged"] == [60, 60, 52, 60]
    assert (facts["n_patients"], facts["n_of_unknown_patients"]) == (30, 0)
    assert facts["heads"][0]["groups"][0]["name"] == FREQUENT
    assert len(facts["heads"][0]["decided"][0]["specificity"]) == 4


def test_a_bundle_takes_the_curve_of_its_head(labelled_runs: Runs, evaluation: LabelEvaluation) -> None:
    found = judge_labels(labelled_runs, None, "fixed")
    curve = found.calibrated["reliability"]
    assert curve["counts"] == evaluation.heads[0].reliability.counts.tolist()
    assert found.calibrated["measured_on"] == "single networks, one a fold"
    # The paper's way knows no temperature.
    plain = judge_labels(labelled_runs, None, "singstad2018").calibrated["reliability"]
    judged = np.isfinite(evaluation.scores.truth)
    top = sigmoid(evaluation.scores.logits)[judged].max()
    filled = [edge for edge, n in zip(plain["edges"], plain["counts"], strict=False) if n]
    assert filled[-1] < top <= filled[-1] + 1 / 15 + 1e-9


def test_a_run_states_the_sources_of_its_data(labelled_runs: Runs) -> None:
    assert labelled_runs[0].done()["sources"] == {"a": 30, "b": 30}


def test_a_class_that_nothing_taught_is_in_no_mean_of_the_frequent() -> None:
    (group,) = class_groups(("a", "b", "c"), [50, 50, 50], [True, False, True])
    assert (group.name, group.classes) == (FREQUENT, ("a", "c"))

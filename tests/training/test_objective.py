"""What is learnt: the losses, the weights of classes, and the score of an epoch."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch.nn import functional as F

from einthoven.errors import DatasetError, SettingsError
from einthoven.training.objective import EachClass, Objective, OneClass, SharesOfSigmoids, objective_of
from einthoven.training.protocol import Protocol

TARGETS = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0], [1, np.nan, 0]], np.float32)


def one_class(weighting: str, n_classes: int = 4) -> OneClass:
    return OneClass(n_classes, weighting, 0.0, tuple(range(n_classes)))


def each_class(weighting: str = "none", smoothing: float = 0.0) -> EachClass:
    return EachClass(3, weighting, smoothing, (0, 1, 2))


def noise(n: int = 4) -> NDArray[np.float32]:
    return np.random.default_rng(3).standard_normal((n, 3), np.float32)


def losses(objective: Objective, logits: Any, targets: Any, weights: Any = (1, 1, 1)) -> NDArray[np.float32]:
    tensors = (torch.tensor(np.asarray(item), dtype=torch.float32) for item in (logits, targets, weights))
    return objective.losses(*tensors).numpy()


def cinc2017_labels() -> NDArray[np.int64]:
    return np.repeat([0, 1, 2, 3], [5076, 758, 2415, 279])


def test_inverse_frequency_weighs_classes_alike_with_mean_one() -> None:
    labels = cinc2017_labels()
    weights = one_class("inverse").class_weights(labels)
    assert weights[labels].mean() == pytest.approx(1)
    assert weights * np.bincount(labels) == pytest.approx(np.full(4, len(labels) / 4))


def test_the_programs_weights_are_those_it_prints() -> None:
    assert one_class("code").class_weights(cinc2017_labels()).round(2).tolist() == [1.14, 3.05, 1.51, 6.91]


def test_a_power_lies_between_equal_and_inverse_weights() -> None:
    labels = cinc2017_labels()
    none, half, inverse = (one_class(name).class_weights(labels) for name in ("none", "power:0.5", "inverse"))
    assert none.tolist() == [1, 1, 1, 1]
    assert half[labels].mean() == pytest.approx(1)
    assert half[3] / half[0] == pytest.approx((inverse[3] / inverse[0]) ** 0.5)


def test_a_class_without_recordings_weighs_nothing() -> None:
    for name in ("inverse", "code", "power:0.4", "none"):
        assert one_class(name, 3).class_weights(np.array([0, 0, 2]))[1] == 0
    for objective in (one_class("inverse", 3), each_class()):
        with pytest.raises(DatasetError, match="found none"):
            objective.class_weights(np.array([], np.int64))


def test_the_hits_of_a_class_weigh_as_its_absences() -> None:
    assert each_class("inverse").class_weights(TARGETS).tolist() == [1, 2, 3]
    assert each_class("power:0.5").class_weights(TARGETS) == pytest.approx([1, 2**0.5, 3**0.5])
    assert each_class().class_weights(TARGETS).tolist() == [1, 1, 1]
    never_judged = np.full((2, 3), np.nan, np.float32)
    assert each_class("inverse").class_weights(never_judged).tolist() == [1, 1, 1]
    assert each_class("inverse").class_weights(np.ones((2, 3), np.float32)).tolist() == [1, 1, 1]


def test_each_class_is_judged_by_binary_cross_entropy_and_what_was_not_judged_counts_nothing() -> None:
    logits, weights = noise(), (1.0, 2.0, 3.0)
    found = losses(each_class(), logits, TARGETS, weights)
    known = np.nan_to_num(TARGETS)
    expected = F.binary_cross_entropy_with_logits(
        torch.tensor(logits), torch.tensor(known), pos_weight=torch.tensor(weights), reduction="none"
    ).numpy()
    assert found[:3] == pytest.approx(expected[:3].mean(1), rel=1e-5)
    assert found[3] == pytest.approx(expected[3, [0, 2]].sum() / 3, rel=1e-5)
    changed = logits.copy()
    changed[3, 1] = 9
    assert np.array_equal(losses(each_class(), changed, TARGETS, weights), found)


def test_smoothing_moves_targets_towards_a_half() -> None:
    logits = noise()
    smooth = losses(each_class(smoothing=0.2), logits, TARGETS)
    assert smooth[0] == pytest.approx(losses(each_class(), logits, TARGETS * 0.8 + 0.1)[0], rel=1e-5)


def test_shares_of_sigmoids_are_kerass_categorical_cross_entropy() -> None:
    objective, logits = SharesOfSigmoids(3, "none", 0.0, (0, 1, 2)), noise()
    found = losses(objective, logits, TARGETS)
    probs = 1 / (1 + np.exp(-logits.astype(float)))
    shares = probs / probs.sum(1, keepdims=True)
    assert found[0] == pytest.approx(-np.log(shares[0, 0]) - np.log(shares[0, 2]), rel=1e-4)
    assert found[1] == pytest.approx(-np.log(shares[1, 1]), rel=1e-4)
    assert found[2] == 0
    assert found[3] == pytest.approx(-np.log(probs[3, 0] / probs[3, [0, 2]].sum()), rel=1e-4)


def test_the_mean_loss_is_not_smoothed_and_weighs_recordings() -> None:
    logits, weights = noise(), np.array([1.0, 2.0, 4.0])
    labels = np.array([0, 1, 1, 2])
    expected = F.cross_entropy(torch.tensor(logits), torch.tensor(labels), torch.tensor(weights).float())
    smooth = OneClass(3, "none", 0.3, (0, 1, 2))
    assert smooth.mean_loss(labels, logits, weights) == pytest.approx(float(expected), rel=1e-5)
    assert np.isnan(smooth.mean_loss(labels, logits, np.zeros(3)))
    plain = losses(each_class(), logits, TARGETS, weights).mean()
    assert each_class("none", 0.3).mean_loss(TARGETS, logits, weights) == pytest.approx(plain, rel=1e-5)


@pytest.mark.parametrize("kind", [EachClass, SharesOfSigmoids])
def test_a_recording_that_nobody_judged_teaches_nothing(kind: type[EachClass]) -> None:
    logits = torch.tensor(noise(), requires_grad=True)
    targets = torch.tensor(TARGETS)
    targets[1] = torch.nan
    objective = kind(3, "none", 0.1, (0, 1, 2))
    found = objective.losses(logits, targets, torch.ones(3))
    found.sum().backward()
    assert found[1] == 0 and torch.isfinite(found).all()
    assert logits.grad is not None and torch.isfinite(logits.grad).all()
    assert (logits.grad[1] == 0).all() and (logits.grad[0] != 0).any()
    # Of the last, one class was not judged.
    assert logits.grad[3, 1] == 0 and logits.grad[3, 0] != 0


def test_the_score_is_macro_f1_over_classes_that_occur_or_are_given() -> None:
    logits = noise(40)
    targets = (np.random.default_rng(1).random((40, 3)) < 0.4).astype(np.float32)
    expected = f1_score(targets, logits > 0, average="macro")
    assert each_class().score(targets, logits) == pytest.approx(expected)
    assert EachClass(3, "none", 0.0, (1,)).score(targets, logits) == pytest.approx(
        f1_score(targets[:, 1], logits[:, 1] > 0)
    )
    assert each_class().score(np.zeros((2, 3), np.float32), np.full((2, 3), -1, np.float32)) == 0
    unjudged = np.full((40, 3), np.nan, np.float32)
    assert each_class().score(unjudged, logits) == 0


def test_the_protocol_decides_what_is_learnt(rhythm: Protocol) -> None:
    assert type(objective_of(rhythm)) is OneClass
    assert objective_of(rhythm).scored == rhythm.scored_indices
    assert type(objective_of(replace(rhythm, loss="binary-cross-entropy"))) is EachClass
    assert type(objective_of(replace(rhythm, loss="categorical-on-sigmoid"))) is SharesOfSigmoids


@pytest.mark.parametrize(
    ("change", "named"),
    [({"oversample": True}, "oversample"), ({"class_weights": "code"}, "class_weights"),
     ({"teacher": "t.npz"}, "a teacher")],
)  # fmt: skip
def test_what_needs_one_class_a_recording_is_refused(
    rhythm: Protocol, change: dict[str, Any], named: str
) -> None:
    with pytest.raises(SettingsError, match=f"loss=cross-entropy for {named}.*found binary"):
        replace(rhythm, loss="binary-cross-entropy", **change)

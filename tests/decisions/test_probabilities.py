"""Logits become probabilities without overflow."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.decisions import sigmoid, softmax
from einthoven.errors import SettingsError


@settings(deadline=None)
@given(arrays(np.float64, (3, 4), elements=st.floats(-1e300, 1e300)))
def test_softmax_is_a_distribution_without_overflow(logits: np.ndarray) -> None:
    probs = softmax(logits)
    assert (probs >= 0).all()
    np.testing.assert_allclose(probs.sum(axis=-1), 1)


def test_softmax_by_hand() -> None:
    np.testing.assert_allclose(softmax(np.log([1.0, 3.0, 4.0])), [1 / 8, 3 / 8, 4 / 8])
    np.testing.assert_allclose(softmax(np.log([1.0, 9.0]), temperature=2.0), [1 / 4, 3 / 4])
    np.testing.assert_allclose(softmax([1.0, 2.0]), softmax([101.0, 102.0]))


def test_sigmoid_by_hand() -> None:
    np.testing.assert_allclose(sigmoid(np.log([[1 / 3, 1.0], [3.0, 9.0]])), [[0.25, 0.5], [0.75, 0.9]])
    np.testing.assert_allclose(sigmoid(np.log([9.0, 1 / 9]), temperature=2.0), [0.75, 0.25])


def test_sigmoid_of_two_classes_is_the_softmax_of_their_difference() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 2)) * 5
    np.testing.assert_allclose(sigmoid(logits[:, 1] - logits[:, 0], 1.7), softmax(logits, 1.7)[:, 1])


@settings(deadline=None)
@given(arrays(np.float64, (3, 4), elements=st.floats(-1e308, 1e308)), st.floats(1e-3, 1e3))
def test_sigmoid_neither_overflows_nor_loses_its_tails(logits: np.ndarray, temperature: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        probs = sigmoid(logits, temperature)
    assert ((probs >= 0) & (probs <= 1)).all()
    np.testing.assert_allclose(probs + sigmoid(-logits, temperature), 1)
    assert sigmoid(-700.0) == pytest.approx(np.exp(-700.0), rel=1e-12, abs=0)


def test_sigmoid_of_single_precision_is_double() -> None:
    probs = sigmoid(np.float32([[-100.0, 0.5]]))
    assert (probs.dtype, probs.shape) == (np.float64, (1, 2))


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_refuses_an_impossible_temperature(temperature: float) -> None:
    for turn in (softmax, sigmoid):
        with pytest.raises(SettingsError, match="expected a temperature above 0"):
            turn([0.0, 1.0], temperature)

"""The step of a lead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.formats.steps import step_of

STEPS = [0.001, 0.005, 0.00488, 0.0025, 0.00125, 1 / 200, 1 / 1000, 1 / 400, 0.000305, 2.44e-3, 0.000001]


@pytest.mark.parametrize("step", STEPS)
def test_the_step_of_a_recorder_is_found(step: float) -> None:
    units = np.random.default_rng(1).integers(-2000, 2000, 3000)
    lead = (units * step).astype(np.float32)
    found = step_of(lead)
    assert found == pytest.approx(step, rel=1e-6)
    np.testing.assert_array_equal((np.rint(lead.astype(np.float64) / found) * found).astype(np.float32), lead)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=200), st.sampled_from(STEPS))
def test_samples_come_back_bit_for_bit_where_a_step_is_found(units: list[int], step: float) -> None:
    lead = (np.array(units) * step).astype(np.float32)
    found = step_of(lead)
    if found is None:
        return
    back = np.rint(lead.astype(np.float64) / found)
    np.testing.assert_array_equal((back * found).astype(np.float32), lead)


def test_gaps_between_levels_do_not_hide_the_step() -> None:
    lead = (np.array([0, 6, 10, 15]) * 0.01).astype(np.float32)
    assert step_of(lead) == pytest.approx(0.01)


def test_missing_samples_are_passed_over() -> None:
    assert step_of(np.float32([np.nan, 0.01, 0.03])) == pytest.approx(0.01)


@pytest.mark.parametrize("lead", [np.zeros(5, np.float32), np.full(5, np.nan, np.float32)])
def test_a_lead_without_levels(lead: np.ndarray) -> None:
    assert step_of(lead) == 0.001


def test_computed_samples_have_no_step() -> None:
    assert step_of(np.random.default_rng(2).normal(size=2000).astype(np.float32)) is None


def test_an_offset_leaves_no_step() -> None:
    assert step_of((np.arange(-50, 50) * 0.005 + 0.0012345678).astype(np.float32)) is None


def test_of_few_levels_a_recorders_step_is_taken() -> None:
    lead = (np.array([282, 349]) * 0.005).astype(np.float32)
    assert step_of(lead) == 0.005

"""The downhill simplex finds a smooth top, never falls below its start, and says what it needs."""

import sys

import numpy as np
import pytest

from einthoven.decisions.simplex import EVALUATIONS, highest_by_simplex
from einthoven.errors import MissingExtraError


def test_a_smooth_top_is_found() -> None:
    top = np.array([0.2, 0.7, 0.5])
    found = highest_by_simplex(lambda t: -float(np.sum((t - top) ** 2)), np.full(3, 0.4))
    np.testing.assert_allclose(found, top, atol=1e-3)


def test_a_level_objective_leaves_the_start() -> None:
    assert highest_by_simplex(lambda _: 1.0, np.full(2, 0.4)).tolist() == [0.4, 0.4]


@pytest.mark.parametrize("sign", [1, -1])
def test_thresholds_stay_inside(sign: int) -> None:
    found = highest_by_simplex(lambda t: sign * float(t.sum()), np.full(2, 0.4))
    assert ((found > 0) & (found < 1)).all()
    np.testing.assert_allclose(found, (sign + 1) / 2, atol=1e-3)


def test_the_number_of_looks_is_bounded() -> None:
    looks = []

    def never_settles(thresholds: np.ndarray) -> float:
        looks.append(thresholds)
        return float(len(looks))

    highest_by_simplex(never_settles, np.full(2, 0.4))
    assert len(looks) <= 2 * EVALUATIONS + 3


def test_without_scipy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(MissingExtraError, match=r"needs scipy: pip install 'einthoven\[train\]'"):
        highest_by_simplex(lambda _: 1.0, np.full(2, 0.4))

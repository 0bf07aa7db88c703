import numpy as np
import pytest
from philips_document import calibration

from einthoven.formats.philips.calibration import find_mark

FS = 500.0


def leads(*tails: list[int]) -> np.ndarray:
    return np.array([[lead + 1, -lead, *tail] for lead, tail in enumerate(tails)])


def test_a_mark_is_found_where_its_zeros_begin() -> None:
    mark = find_mark(leads(calibration(), calibration()), FS)
    assert mark is not None
    assert (mark.start, mark.height) == (2, 200)


def test_a_mark_may_end_with_the_pulse() -> None:
    mark = find_mark(leads([0] * 50 + [200] * 100, [0] * 50 + [200] * 100), FS)
    assert mark is not None
    assert mark.start == 2


def test_a_single_lead() -> None:
    mark = find_mark(np.array([[0, 3, *calibration(100)]]), FS)
    assert mark is not None
    assert (mark.start, mark.height) == (2, 100)


@pytest.mark.parametrize(
    "tail",
    [
        [],
        [0] * 200,
        [0] * 50 + [200] * 24 + [0] * 50,
        [0] * 24 + [200] * 100 + [0] * 50,
        [200] * 100,
        [0] * 50 + [-200] * 100 + [0] * 50,
    ],
)
def test_what_is_no_mark(tail: list[int]) -> None:
    assert find_mark(leads(tail, tail), FS) is None


def test_leads_that_end_differently_have_none() -> None:
    assert find_mark(leads(calibration(200), calibration(100)), FS) is None

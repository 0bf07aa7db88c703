"""Parts of a lead, against counting sample by sample."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from einthoven.signal.parts import joined, n_inside, window_starts

PLACES = st.lists(st.integers(0, 60), max_size=12)


@given(PLACES)
def test_joined_parts_hold_the_same_samples_and_are_apart(places: list[int]) -> None:
    parts = sorted((min(pair), max(pair) + 1) for pair in zip(places[::2], places[1::2], strict=False))
    found = joined(parts)
    assert {k for part in parts for k in range(*part)} == {k for part in found for k in range(*part)}
    assert all(end < start for (_, end), (start, _) in pairwise(found))


@given(PLACES, st.integers(1, 20))
def test_samples_inside_are_counted(places: list[int], width: int) -> None:
    parts = joined(sorted((k, k + 3) for k in places))
    inside = np.zeros(100, bool)
    for start, end in parts:
        inside[start:end] = True
    starts = np.arange(0, 100 - width)
    expected = [int(inside[start : start + width].sum()) for start in starts]
    assert n_inside(starts, width, parts).tolist() == expected


@given(st.integers(1, 50), st.integers(0, 200))
def test_windows_cover_everything_and_end_with_the_lead(width: int, more: int) -> None:
    starts = window_starts(width + more, width)
    assert {k for start in starts for k in range(start, start + width)} == set(range(width + more))
    assert all(b - a <= max(width // 2, 1) for a, b in pairwise(starts))

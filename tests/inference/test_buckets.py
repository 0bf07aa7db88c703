"""Batches hold inputs of similar length, each once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from einthoven.inference.buckets import MAX_BATCH, MAX_PADDING, MAX_VALUES, bucket, stack


@given(sizes=st.lists(st.integers(1, 5000), max_size=200))
def test_every_input_is_in_one_batch_and_padding_is_bounded(sizes: list[int]) -> None:
    batches = bucket(sizes)
    assert sorted(position for batch in batches for position in batch) == list(range(len(sizes)))
    for batch in batches:
        lengths = [sizes[position] for position in batch]
        assert len(batch) <= MAX_BATCH
        assert max(lengths) * len(lengths) <= (1 + MAX_PADDING) * sum(lengths)


def test_a_batch_is_bounded_in_memory() -> None:
    assert bucket([MAX_VALUES // 2] * 3) == [[0, 1], [2]]
    assert bucket([MAX_VALUES // 2] * 3, values_a_step=2) == [[0], [1], [2]]
    assert bucket([MAX_VALUES * 10]) == [[0]]


def test_equal_lengths_share_a_batch() -> None:
    assert [len(batch) for batch in bucket([3000] * 70)] == [32, 32, 6]


def test_stacking_pads_with_zeros_at_the_end() -> None:
    long, short = np.ones((2, 3, 5), np.float32), np.full((2, 3, 2), 7, np.float32)
    stacked, lengths = stack([short, long])
    assert stacked.shape == (2, 2, 3, 5)
    assert stacked.dtype == np.float32
    assert lengths.tolist() == [2, 5]
    assert (stacked[0, ..., :2] == 7).all()
    assert (stacked[0, ..., 2:] == 0).all()

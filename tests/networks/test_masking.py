import pytest
import torch

from einthoven.networks.masking import (
    halved,
    last_valid,
    masked_relu,
    max_pool_halved,
    mean_of_steps,
    mean_over_time,
    pool_over_time,
    reverse,
    strided,
    time_mask,
    valid_steps,
)

LENGTHS = torch.tensor([5, 1, 4])


def test_a_mask_fits_what_it_multiplies() -> None:
    flat = time_mask(torch.zeros(3, 2, 5), LENGTHS)
    assert flat.tolist() == [[[1, 1, 1, 1, 1]], [[1, 0, 0, 0, 0]], [[1, 1, 1, 1, 0]]]
    assert time_mask(torch.zeros(3, 2, 7, 5), LENGTHS).shape == (3, 1, 1, 5)
    assert time_mask(torch.zeros(3, 2, 5, dtype=torch.bfloat16), LENGTHS).dtype == torch.bfloat16


@pytest.mark.parametrize("n_steps", range(1, 12))
def test_half_a_mask_is_the_mask_of_half_the_length(n_steps: int) -> None:
    lengths = torch.arange(1, n_steps + 1)
    mask = halved(time_mask(torch.zeros(n_steps, 1, n_steps), lengths))
    assert torch.equal(valid_steps(mask), (lengths + 1) // 2)
    assert mask.shape[-1] == (n_steps + 1) // 2


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_a_strided_mask_keeps_a_window_that_is_partly_valid(stride: int) -> None:
    lengths = torch.arange(1, 12)
    mask = strided(time_mask(torch.zeros(11, 1, 11), lengths), stride)
    assert torch.equal(valid_steps(mask), (lengths + stride - 1) // stride)
    assert mask.shape[-1] == (11 + stride - 1) // stride


@pytest.mark.parametrize("n_steps", [4, 5, 7])
def test_a_maximum_below_zero_is_not_that_of_the_padding(n_steps: int) -> None:
    x, lengths = -1 - torch.rand(n_steps, 2, n_steps), torch.arange(1, n_steps + 1)
    found = max_pool_halved(x, time_mask(x, lengths))
    for record, n, pooled in zip(x, lengths, found, strict=True):
        windows = [record[:, i : min(i + 2, int(n))].amax(1) for i in range(0, int(n), 2)]
        expected = torch.nn.functional.pad(torch.stack(windows, 1), (0, found.shape[2] - len(windows)))
        assert torch.equal(pooled, expected)


def test_a_masked_relu_is_one_in_place_and_passes_the_gradient_of_both() -> None:
    source = torch.randn(3, 2, 5, requires_grad=True)
    x, mask = source * 1.0, time_mask(source, LENGTHS)
    expected = torch.relu(source * mask)
    found = masked_relu(x, mask)
    assert found.data_ptr() == x.data_ptr()
    assert torch.equal(found, expected)
    weights = torch.randn(3, 2, 5)
    gradients = [torch.autograd.grad((y * weights).sum(), source)[0] for y in (found, expected)]
    assert torch.equal(*gradients)


def test_means_leave_padding_out() -> None:
    x = torch.randn(3, 2, 5)
    mask = time_mask(x, LENGTHS)
    expected = torch.stack([record[:, :n].mean(1) for record, n in zip(x, LENGTHS, strict=True)])
    torch.testing.assert_close(mean_over_time(x * mask, mask), expected)
    torch.testing.assert_close(mean_of_steps(x.transpose(1, 2), mask.transpose(1, 2) > 0), expected)


def test_pooling_sees_valid_steps_only() -> None:
    x, scores = torch.randn(3, 5, 2), torch.randn(3, 5, 1)
    valid = (torch.arange(5) < LENGTHS[:, None])[..., None]
    found = pool_over_time(torch.where(valid, x, 1e6), valid, torch.where(valid, scores, 1e6))
    for record, score, n, pooled in zip(x, scores, LENGTHS, found, strict=True):
        part, weights = record[:n], score[:n].softmax(0)
        expected = torch.cat([(weights * part).sum(0), part.mean(0), part.amax(0)])
        torch.testing.assert_close(pooled, expected)


def test_reversal_leaves_padding_in_place_and_undoes_itself() -> None:
    x = torch.arange(15.0).reshape(3, 5, 1)
    found = reverse(x, LENGTHS)
    assert found[..., 0].tolist() == [[4, 3, 2, 1, 0], [5, 6, 7, 8, 9], [13, 12, 11, 10, 14]]
    assert torch.equal(reverse(found, LENGTHS), x)


def test_the_last_valid_step() -> None:
    x = torch.arange(15.0).reshape(3, 5, 1)
    assert last_valid(x, LENGTHS).tolist() == [[4], [5], [13]]

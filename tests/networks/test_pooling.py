import pytest
import torch
from torch.nn import functional as F

from einthoven.networks.pooling import max_over_time


@pytest.mark.parametrize("rounds_up", [False, True])
@pytest.mark.parametrize(("window", "stride"), [(5, 3), (3, 1), (2, 2), (4, 4)])
@pytest.mark.parametrize("n_steps", [5, 8, 9, 10, 11])
def test_the_form_that_is_exported_gives_the_same(
    window: int, stride: int, n_steps: int, rounds_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = torch.randn(2, 3, n_steps) - 5
    expected = F.max_pool1d(x, window, stride, ceil_mode=rounds_up)
    assert torch.equal(max_over_time(x, window, stride, rounds_up=rounds_up), expected)
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: True)
    assert torch.equal(max_over_time(x, window, stride, rounds_up=rounds_up), expected)

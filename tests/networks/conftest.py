"""Small variants of every network, with the statistics of a trained one."""

from collections.abc import Iterator

import pytest
import torch

from einthoven.networks import (
    CNNLSTM,
    NetworkSettings,
    Residual16,
    RhythmNet,
    SpectrogramCNN,
    SpectrogramCRNN,
    TwelveLeadCNN,
)

SMALL: dict[str, NetworkSettings] = {
    "cnn-paper": SpectrogramCNN(width=3, n_layers=2),
    "cnn-code": SpectrogramCNN.preset("code", width=3, n_layers=2),
    "crnn-paper-lstm": SpectrogramCRNN(width=3, n_layers=2, lstm_width=5),
    "crnn-paper-mean": SpectrogramCRNN(width=3, n_layers=2, lstm_width=5, head="mean"),
    "crnn-code-lstm": SpectrogramCRNN.preset("code", width=3, n_layers=2, lstm_width=5),
    "crnn-code-mean": SpectrogramCRNN.preset("code", width=3, n_layers=2, mean_dense=7, head="mean"),
    "rhythm": RhythmNet(stem_width=4, widths=(4, 8, 8, 8), strides=(2, 2, 1, 2), recurrent=5),
    "cnn-lstm": CNNLSTM(width=8, n_blocks=1),
    "twelve-lead-cnn": TwelveLeadCNN(widths=(4, 8, 8), dense=7),
    "residual-16": Residual16(width=3, n_blocks=6),
    "residual-16-gated": Residual16(width=16, n_blocks=5, kernel=4, squeeze_excitation=True),
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and give every test the same random weights."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture(params=SMALL)
def settings(request: pytest.FixtureRequest) -> NetworkSettings:
    """Settings of every network, in both presets and with both heads, small."""
    return SMALL[request.param]

"""Networks, one published architecture a module; their settings are read without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from einthoven.errors import MissingExtraError, SettingsError
from einthoven.networks.heartbeat_settings import HeartbeatCNN, HeartbeatResNet
from einthoven.networks.settings import (
    BeatNet,
    NetworkSettings,
    RhythmNet,
    SpectrogramCNN,
    SpectrogramCRNN,
)
from einthoven.networks.twelve_lead_settings import CNNLSTM, Residual16, TwelveLeadCNN

if TYPE_CHECKING:
    from einthoven.networks.network import Network

__all__ = [
    "CNNLSTM",
    "NETWORKS",
    "BeatNet",
    "HeartbeatCNN",
    "HeartbeatResNet",
    "NetworkSettings",
    "Residual16",
    "RhythmNet",
    "SpectrogramCNN",
    "SpectrogramCRNN",
    "TwelveLeadCNN",
    "build_network",
]

NETWORKS: dict[str, type[NetworkSettings]] = {
    "spectrogram-cnn": SpectrogramCNN,
    "spectrogram-crnn": SpectrogramCRNN,
    "rhythm": RhythmNet,
    "heartbeat-cnn": HeartbeatCNN,
    "heartbeat-resnet": HeartbeatResNet,
    "beats": BeatNet,
    "cnn-lstm": CNNLSTM,
    "twelve-lead-cnn": TwelveLeadCNN,
    "residual-16": Residual16,
}


def build_network(settings: NetworkSettings, *, n_leads: int, n_classes: int) -> Network:
    """Build the torch module that some settings describe, with fresh random weights.

    Parameters
    ----------
    settings : an instance of one of the classes in `NETWORKS`
    n_leads : leads of the input, 1 to 12
    n_classes : classes of the output

    Returns
    -------
    A module whose `forward(x, lengths)` gives logits of shape (n_batch, n_classes).

    Raises
    ------
    SettingsError
        If the settings are of no known network, or a count is out of range.
    MissingExtraError
        If torch is not installed.
    """
    if not 1 <= n_leads <= 12:
        raise SettingsError(f"expected 1 to 12 leads, found {n_leads}")
    if n_classes < 1:
        raise SettingsError(f"expected at least one class, found {n_classes}")
    try:
        from einthoven.networks import (
            beats,
            cnn_lstm,
            heartbeat,
            residual,
            rhythm,
            spectrogram,
            twelve_lead_cnn,
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError("building a network needs torch: pip install 'einthoven[train]'") from error
    match settings:
        case SpectrogramCNN():
            return spectrogram.CNN(settings, n_leads, n_classes)
        case SpectrogramCRNN():
            return spectrogram.CRNN(settings, n_leads, n_classes)
        case RhythmNet():
            return rhythm.SEResidualGRU(settings, n_leads, n_classes)
        case HeartbeatCNN():
            return heartbeat.CNN(settings, n_leads, n_classes)
        case HeartbeatResNet():
            return heartbeat.ResNet(settings, n_leads, n_classes)
        case BeatNet():
            if n_leads != beats.N_ROWS:
                raise SettingsError(f"expected {beats.N_ROWS} rows a heartbeat, found {n_leads}")
            return beats.WaveAndRhythm(settings, n_classes)
        case CNNLSTM():
            return cnn_lstm.ConvolutionsAndLSTM(settings, n_leads, n_classes)
        case TwelveLeadCNN():
            return twelve_lead_cnn.CNN(settings, n_leads, n_classes)
        case Residual16():
            return residual.PreActivationResNet(settings, n_leads, n_classes)
    raise SettingsError(f"expected settings of {', '.join(NETWORKS)}, found {type(settings).__name__}")

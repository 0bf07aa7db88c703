"""Networks, one published architecture a module; their settings are read without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from einthoven.errors import MissingExtraError, SettingsError
from einthoven.networks.settings import NetworkSettings, RhythmNet, SpectrogramCNN, SpectrogramCRNN

if TYPE_CHECKING:
    from einthoven.networks.network import Network

__all__ = ["NETWORKS", "NetworkSettings", "RhythmNet", "SpectrogramCNN", "SpectrogramCRNN", "build_network"]

NETWORKS: dict[str, type[SpectrogramCNN] | type[SpectrogramCRNN] | type[RhythmNet]] = {
    "spectrogram-cnn": SpectrogramCNN,
    "spectrogram-crnn": SpectrogramCRNN,
    "rhythm": RhythmNet,
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
        from einthoven.networks import rhythm, spectrogram
    except ModuleNotFoundError as error:
        raise MissingExtraError("building a network needs torch: pip install 'einthoven[train]'") from error
    match settings:
        case SpectrogramCNN():
            return spectrogram.CNN(settings, n_leads, n_classes)
        case SpectrogramCRNN():
            return spectrogram.CRNN(settings, n_leads, n_classes)
        case RhythmNet():
            return rhythm.SEResidualGRU(settings, n_leads, n_classes)
    raise SettingsError(f"expected settings of {', '.join(NETWORKS)}, found {type(settings).__name__}")

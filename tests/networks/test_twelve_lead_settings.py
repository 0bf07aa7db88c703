from dataclasses import replace

import pytest

from einthoven.errors import SettingsError
from einthoven.networks import CNNLSTM, Residual16, TwelveLeadCNN
from einthoven.networks.settings import NetworkSettings


def test_defaults_are_as_published() -> None:
    assert CNNLSTM() == CNNLSTM(width=512, n_blocks=6, dropout=0.5)
    assert Residual16() == Residual16(width=32, n_blocks=16, kernel=16, dropout=0.2, squeeze_excitation=False)
    assert (TwelveLeadCNN().widths, TwelveLeadCNN().dense) == ((32, 64, 128, 128, 256), 128)


def test_widths_and_strides_of_any_number_of_blocks() -> None:
    settings = Residual16(width=3, n_blocks=6)
    assert settings.widths == (3, 3, 3, 3, 6, 6)
    assert settings.strides == (1, 2, 1, 2, 1, 2)


@pytest.mark.parametrize(
    ("settings", "change", "said"),
    [
        (CNNLSTM(), {"width": 0}, "CNNLSTM: expected width to be 1 or more, found 0"),
        (CNNLSTM(), {"n_blocks": 0}, "n_blocks to be 1 or more"),
        (CNNLSTM(), {"dropout": 1.0}, "dropout to be a probability below 1"),
        (TwelveLeadCNN(), {"widths": ()}, "widths to be one or more numbers above 0"),
        (TwelveLeadCNN(), {"widths": (4, 0)}, "widths to be one or more numbers above 0"),
        (TwelveLeadCNN(), {"kernel": 6}, "kernel to be an odd number"),
        (TwelveLeadCNN(), {"pool": 0}, "pool to be 1 or more"),
        (TwelveLeadCNN(), {"dense": 0}, "dense to be 1 or more"),
        (TwelveLeadCNN(), {"dropout": -0.1}, "dropout to be a probability below 1"),
        (Residual16(), {"width": 0}, "width to be 1 or more"),
        (Residual16(), {"n_blocks": 0}, "n_blocks to be 1 or more"),
        (Residual16(), {"kernel": 0}, "kernel to be 1 or more"),
        (Residual16(), {"dropout": 1.0}, "dropout to be a probability below 1"),
    ],
)
def test_values_out_of_range_are_refused(
    settings: NetworkSettings, change: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        replace(settings, **change)  # type: ignore[arg-type]

import json
import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from einthoven.errors import SettingsError
from einthoven.networks import NETWORKS, RhythmNet, SpectrogramCNN, SpectrogramCRNN, build_network


def test_settings_need_no_torch() -> None:
    code = "import sys, einthoven.networks; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_every_network_knows_its_name() -> None:
    assert {name: kind.name for name, kind in NETWORKS.items()} == {name: name for name in NETWORKS}


@pytest.mark.parametrize("kind", NETWORKS.values())
def test_settings_survive_json(kind: type) -> None:
    settings = kind()
    assert kind(**json.loads(json.dumps(asdict(settings)))) == settings


def test_defaults_are_the_paper() -> None:
    assert SpectrogramCNN.preset("paper") == SpectrogramCNN()
    assert SpectrogramCRNN.preset("paper") == SpectrogramCRNN()
    cnn, crnn = SpectrogramCNN(), SpectrogramCRNN()
    assert (cnn.width, cnn.n_blocks, cnn.n_layers, cnn.kernel, cnn.dropout) == (32, 6, 4, 5, 0.15)
    assert (crnn.n_blocks, crnn.n_layers, crnn.lstm_layers, crnn.lstm_width) == (4, 6, 3, 200)
    assert (crnn.downsampling, crnn.lstm_output, crnn.mean_dense) == ("max-pool", "last", 0)


def test_the_code_preset_is_what_the_authors_ran() -> None:
    code = SpectrogramCRNN.preset("code", width=8)
    assert (code.downsampling, code.lstm_width, code.lstm_stacks) == ("stride", 100, "separate")
    assert (code.lstm_output, code.mean_dense, code.width) == ("mean", 200, 8)
    assert SpectrogramCNN.preset("code").downsampling == "stride"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"width": 0}, "width"),
        ({"kernel": 4}, "kernel"),
        ({"dropout": 1.0}, "dropout"),
        ({"downsampling": "mean"}, "max-pool or stride"),
        ({"lstm_layers": 0}, "lstm_layers"),
        ({"lstm_stacks": "both"}, "joined or separate"),
        ({"lstm_output": "first"}, "last or mean"),
        ({"mean_dense": -1}, "mean_dense"),
        ({"head": "svm"}, "lstm or mean"),
    ],
)
def test_values_out_of_range_are_refused(change: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        replace(SpectrogramCRNN(), **change)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"widths": ()}, "widths"),
        ({"widths": (8, 0), "strides": (1, 1)}, "widths"),
        ({"strides": (2, 2)}, "7 numbers"),
        ({"strides": (2, 2, 1, 2, 1, 2, 3)}, "each 1 or 2"),
        ({"stem_kernel": 10}, "stem_kernel"),
        ({"recurrent": 0}, "recurrent"),
        ({"head_dropout": -0.1}, "head_dropout"),
    ],
)
def test_impossible_rhythm_networks_are_refused(change: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        replace(RhythmNet(), **change)


def test_unknown_presets_and_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match="among paper, code, found 'thesis'"):
        SpectrogramCNN.preset("thesis")
    with pytest.raises(SettingsError, match="depth"):
        SpectrogramCNN.preset("code", depth=3)


@pytest.mark.parametrize(
    ("n_leads", "n_classes", "named"), [(0, 4, "leads"), (13, 4, "leads"), (1, 0, "class")]
)
def test_impossible_inputs_and_outputs_are_refused(n_leads: int, n_classes: int, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        build_network(RhythmNet(), n_leads=n_leads, n_classes=n_classes)


def test_settings_of_no_network_are_refused() -> None:
    with pytest.raises(SettingsError, match="residual-16, found dict"):
        build_network({}, n_leads=1, n_classes=4)  # type: ignore[arg-type]

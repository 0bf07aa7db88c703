"""Nine classes from 12 leads: what each budget and option trains, and the table as printed."""

from itertools import product

import pytest

from einthoven.datasets.cpsc2018 import CODES
from einthoven.errors import SettingsError
from einthoven.networks import CNNLSTM, build_network
from einthoven.pipeline import FillMissing, FixLength, Resample
from einthoven.recipes import RECIPES
from einthoven.recipes.singstad2018 import Options
from einthoven.recipes.twelve_leads import NOISE

SINGSTAD = RECIPES["singstad2018"]
PRINTED = {
    "AF": (84, 93),
    "I-AVB": (81, 90),
    "LBBB": (87, 88),
    "Normal": (68, 89),
    "RBBB": (54, 74),
    "PAC": (83, 83),
    "PVC": (86, 94),
    "STD": (70, 85),
    "STE": (57, 65),
}
"""Precision and recall of each class, in percent, as the paper prints them."""


def test_the_paper_trains_ten_folds_of_ten_epochs_on_20_s_at_500_hz() -> None:
    protocol = SINGSTAD.protocol("paper")
    assert protocol.pipeline.steps == (FillMissing(), Resample(500.0), FixLength(10_000))
    assert (protocol.n_folds, protocol.n_leads, protocol.split_by) == (10, 12, "patient")
    (phase,) = protocol.phases
    assert (phase.epochs, phase.optimizer, phase.learning_rate, phase.monitor) == (10, "sgd", 1e-2, "loss")
    assert (protocol.loss, protocol.augmentations) == ("categorical-on-sigmoid", ())
    assert protocol.epoch_pipeline.steps == ()
    assert protocol.network == CNNLSTM()
    network = build_network(protocol.network, n_leads=12, n_classes=9)
    # 10.28 million as Keras counts them, with the running statistics: see `ConvolutionsAndLSTM`.
    assert round(sum(weight.numel() for weight in network.parameters()) / 1e6, 2) == 10.27


def test_the_network_of_the_cpu_is_small() -> None:
    protocol = SINGSTAD.protocol("cpu")
    assert protocol.pipeline.steps[1:] == (Resample(100.0), FixLength(2000))
    network = build_network(protocol.network, n_leads=12, n_classes=9)
    assert sum(weight.numel() for weight in network.parameters()) < 200_000
    said = " ".join(SINGSTAD.differences)
    assert f"width {protocol.network.width} instead of 512" in said  # type: ignore[attr-defined]
    assert f"up to {protocol.phases[0].epochs} epochs" in said


def test_binary_cross_entropy_and_noise_are_options() -> None:
    protocol = SINGSTAD.resolve("gpu", {"loss": "bce", "augment": "true"})
    (phase,) = protocol.phases
    assert (protocol.loss, protocol.batch_size) == ("binary-cross-entropy", 32)
    assert (phase.optimizer, phase.learning_rate) == ("adamw", 1e-3)
    # Noise is in mV, ahead of the padding.
    assert protocol.augmentations == NOISE
    assert protocol.epoch_pipeline.steps == (FixLength(10_000),)
    with pytest.raises(SettingsError, match="expected loss of paper, bce"):
        Options(loss="mse")  # type: ignore[arg-type]


def test_the_table_is_the_printed_one() -> None:
    (table,) = SINGSTAD.tables
    printed = table.rows[0]
    assert printed.name == "Singstad & Tronstad, training data, as printed"
    columns = zip(printed.precision, printed.recall, strict=True)
    assert dict(zip(table.classes, columns, strict=True)) == PRINTED
    figures = ((83.0, 61.0), (75.0, 51.0), (81.9, 60.2), (80.7, 59.4), (80.3, 58.6))
    assert [dict(row.measures) for row in table.rows[1:]] == [{"F2": f2, "G2": g2} for f2, g2 in figures]
    # All of them are shown, and the doubt about three of the rows is said.
    assert len(SINGSTAD.expected(SINGSTAD.protocol())) == 6
    assert "probably rotated" in SINGSTAD.differences[0]


def test_labels_have_the_codes_of_the_data_set() -> None:
    assert {label.name: label.snomed for label in SINGSTAD.labels} == CODES


@pytest.mark.parametrize(
    ("budget", "loss", "augment"), [*product(SINGSTAD.budgets, ("paper", "bce"), (False, True))]
)
def test_a_run_is_told_by_its_options(budget: str, loss: str, augment: bool) -> None:
    protocol = SINGSTAD.protocol(budget, loss=loss, augment=augment)
    expected = {"loss": loss} if loss != "paper" else {}
    assert SINGSTAD.closest(budget, protocol) == (expected | ({"augment": True} if augment else {}), protocol)

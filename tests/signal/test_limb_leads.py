"""Limb leads that contradict each other, and exchanged electrodes: made by arithmetic on simulated hearts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.ptbxl import open_ptbxl
from einthoven.leads import LIMB_LEADS
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.limb_leads import (
    MAX_DEVIATION,
    exchanged_electrodes,
    find_labels,
    limb_deviations,
)
from einthoven.signal.polarity import Polarity
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

RECORD = simulate(leads=TWELVE_LEADS, duration_s=10.0, seed=1)
RA_LA = {"I": "-I", "II": "III", "III": "II", "aVR": "aVL", "aVL": "aVR"}
RA_LL = {"I": "-III", "II": "-II", "III": "-I", "aVR": "aVF", "aVF": "aVR"}


def changed(record: Record, shown: dict[str, str]) -> Record:
    """Some leads show others, upside down with a leading minus."""
    signal = record.signal.copy()
    for name, other in shown.items():
        row = record.signal[record.leads.index(other.removeprefix("-"))]
        signal[record.leads.index(name)] = -row if other.startswith("-") else row
    return replace(record, signal=signal)


def deviations(record: Record) -> dict[str, float]:
    return limb_deviations(record.signal, record.leads, record.fs)


def labels(record: Record) -> dict[str, str] | None:
    return find_labels(record.signal, record.leads, record.fs)


def electrodes(record: Record) -> tuple[str, str] | None:
    rpeaks = find_rpeaks(record.signal, record.fs)
    return exchanged_electrodes(record.signal, record.leads, record.fs, rpeaks)


def test_true_leads_fit() -> None:
    found = deviations(RECORD)
    assert tuple(found) == LIMB_LEADS[2:]
    assert max(found.values()) < 1e-3
    assert labels(RECORD) == {}


def test_rounding_drift_jolts_and_gaps_are_tolerated() -> None:
    signal = np.round(RECORD.signal / 0.005) * 0.005
    signal[4] += 3 + np.linspace(0, 0.1, RECORD.n_samples)
    signal[3, 300:330] += 30
    signal[2, 900:1500] = np.nan
    assert max(deviations(replace(RECORD, signal=signal)).values()) < MAX_DEVIATION / 2


@pytest.mark.parametrize(
    "shown",
    [
        {"aVR": "-aVR"},
        {"III": "-III"},
        {"II": "-II"},
        {"I": "II", "II": "I"},
        {"aVL": "aVF", "aVF": "aVL"},
        {"II": "aVR", "aVR": "II"},
        {"aVR": "aVL", "aVL": "aVF", "aVF": "aVR"},
    ],
)
def test_wrong_labels_are_found_and_named(shown: dict[str, str]) -> None:
    wrong = changed(RECORD, shown)
    assert max(deviations(wrong).values()) > 2 * MAX_DEVIATION
    assert labels(wrong) == shown


def test_what_no_order_explains_has_no_names() -> None:
    signal = RECORD.signal.copy()
    signal[5] = RECORD.signal[6]
    wrong = replace(RECORD, signal=signal)
    found = deviations(wrong)
    assert [name for name, share in found.items() if share > MAX_DEVIATION] == ["aVF"]
    assert labels(wrong) is None


def test_only_leads_that_are_there_are_judged() -> None:
    assert tuple(deviations(RECORD.select(["aVF", "V1", "II", "I"]))) == ("aVF",)
    assert deviations(RECORD.select(["I", "III", "aVF"])) == {}
    assert labels(RECORD.select(["I", "II", "III"])) is None
    empty = replace(RECORD, signal=np.full_like(RECORD.signal, np.nan))
    assert deviations(empty) == {} and labels(empty) is None
    silent = replace(RECORD, signal=np.zeros_like(RECORD.signal))
    assert set(deviations(silent).values()) == {0.0}


def test_noise_of_an_almost_flat_lead_is_no_contradiction() -> None:
    signal = RECORD.signal.copy()
    ii = signal[1]
    signal[0], signal[2], signal[3], signal[4], signal[5] = ii / 2, ii / 2, -0.75 * ii, 0, 0.75 * ii
    signal[4] += 0.01 * np.random.default_rng(0).standard_normal(RECORD.n_samples)
    assert deviations(replace(RECORD, signal=signal))["aVL"] < MAX_DEVIATION


def test_exchanged_electrodes_are_named_and_consistent() -> None:
    assert electrodes(RECORD) is None
    for pair, shown in ((("RA", "LA"), RA_LA), (("RA", "LL"), RA_LL)):
        wrong = changed(RECORD, shown)
        assert electrodes(wrong) == pair
        assert max(deviations(wrong).values()) < 1e-3


def test_neither_an_inverted_recording_nor_dextrocardia_is_an_exchange() -> None:
    assert electrodes(replace(RECORD, signal=-RECORD.signal)) is None
    chest = {f"V{n}": f"-V{n}" for n in range(1, 7)}
    assert electrodes(changed(RECORD, RA_LA | chest)) is None


def test_a_few_leads_are_enough_and_others_not() -> None:
    wrong = changed(RECORD, RA_LA)
    assert electrodes(wrong.select(["II", "I", "V6"])) == ("RA", "LA")
    assert electrodes(wrong.select(["II", "III", "V5"])) == ("RA", "LA")
    assert electrodes(wrong.select(["I", "V6"])) is None
    assert electrodes(wrong.select(["I", "II", "V1"])) is None
    assert exchanged_electrodes(wrong.signal, wrong.leads, wrong.fs, np.array([500])) is None


_DOWN, _UP, _NONE = Polarity(-1, -1, -1), Polarity(1, 1, 1), Polarity(0, 0, 0)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # I, II, III, aVR, V6, V5 as they point.
        ((_DOWN, _UP, _UP, _UP, _UP, _UP), ("RA", "LA")),
        ((_DOWN, _UP, _UP, _UP, _NONE, _UP), ("RA", "LA")),
        ((_DOWN, _UP, _UP, _UP, _NONE, _NONE), None),
        ((_UP, _DOWN, _DOWN, _UP, _UP, _UP), ("RA", "LL")),
        ((_UP, _DOWN, _DOWN, _DOWN, _UP, _UP), None),
        ((_DOWN, _DOWN, _DOWN, _UP, _UP, _UP), ("RA", "LL")),
        ((_DOWN, _DOWN, _UP, _UP, _UP, _UP), ("RA", "LA")),
        # A deviated axis turns the QRS complex but not the P wave.
        ((Polarity(1, -1, 1), _UP, _UP, _UP, _UP, _UP), None),
        ((Polarity(0, -1, 0), _UP, _UP, _UP, _UP, _UP), None),
        # T waves that are inverted in all leads.
        ((Polarity(0, -1, -1), _UP, _UP, _UP, Polarity(0, 1, -1), _UP), None),
    ],
)
def test_all_waves_of_a_lead_have_to_agree(
    monkeypatch: pytest.MonkeyPatch, found: tuple[Polarity, ...], expected: tuple[str, str] | None
) -> None:
    monkeypatch.setattr("einthoven.signal.limb_leads.polarities", lambda *_: found)
    assert electrodes(RECORD) == expected


@pytest.mark.realdata
def test_real_recordings_are_seldom_called_wrong(data_folder: Path) -> None:
    dataset = open_ptbxl(data_folder)
    records = [dataset.read(at) for at in range(0, len(dataset), 5)]
    assert max(max(deviations(record).values()) for record in records) < MAX_DEVIATION / 2
    assert sum(electrodes(record) is not None for record in records) <= 0.02 * len(records)
    found = [electrodes(changed(record, RA_LA)) == ("RA", "LA") for record in records]
    assert np.mean(found) > 0.7

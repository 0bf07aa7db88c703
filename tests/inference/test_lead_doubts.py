"""What is said of leads with wrong labels, exchanged electrodes, or upside down."""

from dataclasses import replace

import pytest

from einthoven.inference.lead_doubts import inversion_obstacle, lead_doubts, record_lead_doubts
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.inversion import find_inversion
from einthoven.signal.rpeaks import find_rpeaks
from einthoven.signal.simulated import simulate

RECORD = simulate(leads=TWELVE_LEADS, duration_s=10.0, seed=1)


def doubts(record: Record, computed: tuple[str, ...] = ()) -> tuple[str, ...]:
    rpeaks = find_rpeaks(record.signal, record.fs)
    inversion = find_inversion(record.signal, record.leads, record.fs)
    return lead_doubts(record, computed, rpeaks, inversion)


def relabelled(order: dict[str, str]) -> Record:
    """Each lead named shows another, or itself upside down."""
    signal = RECORD.signal.copy()
    for name, other in order.items():
        row = RECORD.signal[RECORD.leads.index(other.removeprefix("-"))]
        signal[RECORD.leads.index(name)] = -row if other.startswith("-") else row
    return replace(RECORD, signal=signal)


def test_nothing_is_said_of_a_good_recording() -> None:
    assert doubts(RECORD) == ()


@pytest.mark.parametrize(
    ("order", "ending"),
    [
        ({"aVR": "-aVR"}, "aVR cannot be computed from I and II, as they should be; "
         "lead aVR seems to be upside down"),
        ({"aVL": "aVF", "aVF": "aVL"}, "aVL, aVF cannot be computed from I and II, as they should be; "
         "the labels aVL and aVF seem to be exchanged"),
        ({"aVR": "aVL", "aVL": "aVF", "aVF": "aVR"}, "labels seem to be exchanged: aVR shows aVL, "
         "aVL shows aVF, aVF shows aVR"),
        ({"aVF": "V1"}, "aVF cannot be computed from I and II, as they should be"),
    ],
)  # fmt: skip
def test_labels_that_contradict_each_other_are_named(order: dict[str, str], ending: str) -> None:
    (line,) = doubts(relabelled(order))
    assert line.startswith("the limb leads contradict each other: ")
    assert line.endswith(ending)


def test_what_was_computed_contradicts_nothing() -> None:
    wrong = relabelled({"aVF": "V1"})
    assert doubts(wrong, ("aVF",)) == ()
    assert doubts(wrong, TWELVE_LEADS) == ()


@pytest.mark.parametrize(
    ("order", "line"),
    [
        (
            {"I": "-I", "II": "III", "III": "II", "aVR": "aVL", "aVL": "aVR"},
            "the electrodes of the right arm and the left arm seem to be exchanged: lead I is upside down "
            "and the chest leads are not",
        ),
        (
            {"I": "-III", "II": "-II", "III": "-I", "aVR": "aVF", "aVF": "aVR"},
            "the electrodes of the right arm and the left leg seem to be exchanged: lead II is upside down "
            "and the chest leads are not",
        ),
    ],
)
def test_exchanged_electrodes_are_named(order: dict[str, str], line: str) -> None:
    assert doubts(relabelled(order)) == (line,)


def test_a_recording_upside_down_is_said_with_what_is_done() -> None:
    inverted = replace(RECORD, signal=-RECORD.signal)
    start = "the whole recording seems to be upside down (seen in I, II, V6, aVR), "
    assert doubts(inverted) == (f"{start}so it was turned over: the answer is for it turned over",)
    obstacle = inversion_obstacle(find_inversion(inverted.signal, inverted.leads, inverted.fs))
    assert obstacle is not None
    assert obstacle.reason == f"{start}and this model does not turn it over"
    assert inversion_obstacle(find_inversion(RECORD.signal, RECORD.leads, RECORD.fs)) is None
    assert inversion_obstacle(None) is None


def test_a_record_is_doubted_whatever_model_is_asked() -> None:
    assert record_lead_doubts(RECORD) == ()
    (turned,) = record_lead_doubts(replace(RECORD, signal=-RECORD.signal))
    assert turned.startswith("the whole recording seems to be upside down")
    (labels,) = record_lead_doubts(relabelled({"I": "II", "II": "I"}))
    assert "the labels I and II seem to be exchanged" in labels
    assert record_lead_doubts(relabelled({"I": "II", "II": "I"}).select(["V1", "V2"])) == ()
    assert record_lead_doubts(replace(RECORD, fs=20.0, signal=-RECORD.signal)) == ()

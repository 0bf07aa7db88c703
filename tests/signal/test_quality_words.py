"""What is said of leads by what was measured in them."""

import pytest

from einthoven.signal.quality_words import MEASURES, say


@pytest.mark.parametrize(
    ("measure", "values", "words"),
    [
        ("missing_fraction", [0.00011], "0.011 % of the samples are missing"),
        ("flat", [0.5, 0.333], "flat for 33 % to 50 % of the time"),
        ("saturated", [0.02], "stuck at its highest or lowest value for 2 % of the time"),
        ("mains_ratio", [0.2, 12.3], "mains hum has 0.2 to 12 times the power of the ECG"),
        ("heartbeats", [0.0, 0.1], "none of the heartbeats that other leads show"),
        (
            "noise",
            [0.701, 0.699],
            "noisy: 70 % of what should be heartbeats looks like no other beat",
        ),
        (
            "amplitude_mv",
            [0.0042, 1234.0],
            "an amplitude of 0.004 to 1234 mV is not that of a body-surface ECG: check the unit",
        ),
    ],
)
def test_what_was_measured_is_said_once_for_all_leads(measure: str, values: list[float], words: str) -> None:
    assert measure in MEASURES
    assert say(measure, values) == words

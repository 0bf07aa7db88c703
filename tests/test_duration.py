import pytest

from einthoven.duration import format_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "5 s"),
        (0.984, "0.984 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (301, "5.02 min"),
        (5400, "1.5 h"),
        (3_599_640, "999.9 h"),
        (72_000_000, "20,000 h"),
    ],
)
def test_a_length_of_time_is_said_in_its_unit(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text

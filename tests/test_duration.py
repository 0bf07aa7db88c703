import pytest

from einthoven.duration import format_duration, format_span, format_time, minutes_and_seconds


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


@pytest.mark.parametrize(
    ("seconds", "text", "cell"),
    [
        (0.04, "0 s", "0:00.0"),
        (59.94, "59.9 s", "0:59.9"),
        (59.96, "1:00 min", "1:00.0"),
        (94.6, "1:34.6 min", "1:34.6"),
        (3599.96, "1:00:00 h", "1:00:00.0"),
        (90_061.5, "25:01:01.5 h", "25:01:01.5"),
    ],
)
def test_a_time_is_minutes_and_seconds(seconds: float, text: str, cell: str) -> None:
    assert (format_time(seconds), minutes_and_seconds(seconds)) == (text, cell)


def test_two_times_have_one_unit() -> None:
    assert format_span(0, 60) == "0:00 to 1:00 min"
    assert format_span(4.24, 4.96) == "4.2 to 5 s"
    assert format_span(100, 5400, "of") == "1:40 of 1:30:00 h"

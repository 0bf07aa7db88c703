"""Times as people write them."""

import pytest

from einthoven.apps.paper.times import clock, part_of


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.04, "0 s"),
        (9.96, "10 s"),
        (119.9, "119.9 s"),
        (119.96, "2:00 min"),
        (1830.04, "30:30 min"),
        (3599.96, "1:00:00 h"),
        (86405.5, "24:00:05.5 h"),
    ],
)
def test_a_time_is_said_to_a_tenth(seconds: float, said: str) -> None:
    assert clock(seconds) == said


def test_a_part_has_one_unit_where_one_is_enough() -> None:
    assert part_of(0, 60, 1800) == "0 to 60 s of 30 min"
    assert part_of(90, 150, 1800) == "90 s to 2:30 min of 30 min"
    assert part_of(3590, 3650, 7200) == "59:50 min to 1:00:50 h of 2 h"

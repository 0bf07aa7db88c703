"""How much is taken in, and what is said where a file asks for more."""

import pytest

from einthoven.errors import FormatError, SettingsError
from einthoven.formats.limits import LIMITS, Limits


def test_what_is_within_a_limit_passes() -> None:
    Limits(leads=12).check("leads", 12, "x")
    with pytest.raises(FormatError, match=r"^x: expected at most 12 leads \(the limit leads\), found 13$"):
        Limits(leads=12).check("leads", 13, "x")
    with pytest.raises(FormatError, match=r"at most 9 gap samples \(the limit gap_samples\), found 10"):
        Limits(gap_samples=9).check("gap_samples", 10, "x")


def test_limits_are_replaced_by_name() -> None:
    changed = LIMITS.with_values({"samples": "1000", "xml_depth": "8"})
    assert (changed.samples, changed.xml_depth, changed.leads) == (1000, 8, LIMITS.leads)
    assert Limits() == LIMITS


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "1e6", "", "many", "١٢", "9" * 5000])
def test_a_limit_is_a_whole_number_above_0(value: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^limit leads: expected a whole number above 0, found '"
    ) as error:
        LIMITS.with_values({"leads": value})
    assert len(str(error.value)) < 120


def test_an_unknown_limit_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"among file_bytes, .*, xml_elements, found 'lead'"):
        LIMITS.with_values({"lead": "3"})

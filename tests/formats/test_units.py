import pytest

from einthoven.errors import FormatError
from einthoven.formats.units import millivolts


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("V", 1e3),
        ("mV", 1.0),
        ("mv", 1.0),
        ("uV", 1e-3),
        ("\u00b5V", 1e-3),
        ("\u03bcV", 1e-3),
        (" nV ", 1e-6),
    ],
)
def test_voltages(unit: str, factor: float) -> None:
    assert millivolts(unit, "x") == factor


@pytest.mark.parametrize("unit", ["", "mmHg", "counts", "kV"])
def test_anything_else_is_refused(unit: str) -> None:
    with pytest.raises(FormatError, match=rf"^a\.hea: expected a unit of V, mV, uV or nV, found '{unit}'$"):
        millivolts(unit, "a.hea")

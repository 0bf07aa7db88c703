"""Units of amplitude, and what one of each is in millivolts."""

from einthoven.errors import FormatError

_MILLIVOLTS = {"v": 1e3, "mv": 1.0, "uv": 1e-3, "nv": 1e-6}
_MICRO_SIGNS = ("\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}")

NOT_VOLTAGE = frozenset(
    {
        "mmhg",
        "cmh2o",
        "kpa",
        "%",
        "bpm",
        "pm",
        "rpm",
        "nu",
        "adu",
        "degc",
        "degf",
        "l",
        "ml",
        "l/min",
        "g",
        "ohm",
    }
)
"""Units, in lower case, of what monitors record beside the ECG: pressures, rates, temperatures, flows."""


def millivolts(unit: str, where: str) -> float:
    """Return how many millivolts one of this unit is: V, mV, uV (or µV), nV, in upper or lower case.

    Raises FormatError, naming `where`, if the unit is none of these.

    >>> millivolts("uV", "x.hea"), millivolts("µV", "x.hea"), millivolts("mv", "x.hea")
    (0.001, 0.001, 1.0)
    """
    try:
        return _MILLIVOLTS[plain_unit(unit)]
    except KeyError:
        raise FormatError(f"{where}: expected a unit of V, mV, uV or nV, found {unit!r}") from None


def is_voltage(unit: str) -> bool:
    """Tell whether this is a unit that `millivolts` takes.

    >>> is_voltage("µV"), is_voltage("bpm")
    (True, False)
    """
    return plain_unit(unit) in _MILLIVOLTS


def plain_unit(unit: str) -> str:
    """Return a unit in lower case, without blanks around it, and with u for µ."""
    for sign in _MICRO_SIGNS:
        unit = unit.replace(sign, "u")
    return unit.strip().lower()

"""How much of a file is taken in, so that no file can ask for more than the machine should give."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from einthoven.errors import FormatError, SettingsError

_MAX_DIGITS = 18
"""More are no limit, and Python refuses to read thousands of them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a reader takes in; what is larger is refused in one line that names the limit.

    The defaults let a Holter of ten days pass and stop what was made to harm. What a header claims is never
    made room for before the file has shown that it holds it; only gaps have nothing behind them, so they have
    a limit of their own.

    file_bytes : of a file
    unpacked_bytes : of what a file unpacks to (gzip, .npz, .mat, Philips XLI)
    samples : of all leads together
    gap_samples : of all leads together, of gaps between the parts of a recording
    leads : channels of a file, ECG or not
    xml_depth : elements within elements
    xml_elements : of a document

    >>> Limits().with_values({"samples": "1000"}).samples
    1000
    """

    file_bytes: int = 2**32
    unpacked_bytes: int = 2**30
    samples: int = 2**31
    gap_samples: int = 2**26
    leads: int = 256
    xml_depth: int = 64
    xml_elements: int = 2**20

    def check(self, name: str, found: int, where: str) -> None:
        """Raise FormatError, naming `where`, if there is more of something than the limit of this name."""
        most = getattr(self, name)
        if found > most:
            what = name.replace("_", " ")
            raise FormatError(f"{where}: expected at most {most} {what} (the limit {name}), found {found}")

    def with_values(self, given: dict[str, str]) -> Limits:
        """Return these limits with some replaced.

        Raises SettingsError if a name is no limit, or a value is no whole number above 0.
        """
        known = [field.name for field in fields(self)]
        for name, value in given.items():
            if name not in known:
                raise SettingsError(f"expected a limit among {', '.join(known)}, found {name!r}")
            is_number = value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS
            if not is_number or int(value) == 0:
                raise SettingsError(f"limit {name}: expected a whole number above 0, found {value!r:.40}")
        return replace(self, **{name: int(value) for name, value in given.items()})


LIMITS = Limits()
"""What is taken in unless a caller says otherwise."""

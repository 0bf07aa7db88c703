"""A lead as HL7 aECG holds it: whole numbers of a step."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordError
from einthoven.formats.steps import step_of

LARGEST_DIGIT = 2**31 - 1
"""What other readers hold too."""

_ROUNDED_UV = (Fraction(1, 1000), Fraction(1, 100), Fraction(1, 10), Fraction(1))
_MOST_PLACES = 40
_MOST_POWER = 10**_MOST_PLACES


@dataclass(frozen=True, slots=True)
class Digits:
    """A lead as whole numbers.

    scale_uv : of a step, as a decimal fraction
    digits : (n_samples,) int64
    """

    scale_uv: str
    digits: NDArray[np.int64]


def encode_digits(signal: NDArray[np.float32], where: str) -> Digits:
    """Write a lead as whole numbers of the step that it was recorded in, or else of 1 nV.

    Reading them as float32 gives the same samples again if there is such a step, and otherwise samples that
    are off by half a nV; by up to half a uV from 2 V on, where 1 nV would need more than 32 bits.

    signal : (n_samples,), mV, finite

    Raises RecordError if a sample is so large that 32 bits do not hold it in uV.
    """
    values = signal.astype(np.float64)
    step = step_of(signal)
    scales = (() if step is None else (Fraction(repr(step)) * 1000,)) + _ROUNDED_UV
    for scale in scales:
        digits = np.rint(values / float(scale / 1000))
        if (_MOST_POWER * scale).denominator == 1 and np.abs(digits).max(initial=0) <= LARGEST_DIGIT:
            return Digits(decimal_of(scale, _MOST_PLACES), digits.astype(np.int64))
    largest = float(np.abs(values).max())
    raise RecordError(f"{where}: expected samples of at most {LARGEST_DIGIT} uV, found {largest:g} mV")


def decimal_of(number: Fraction, places: int) -> str:
    """Write a number, not below 0, in decimal places; zeros at the end are left out.

    >>> decimal_of(Fraction(1, 360), 6), decimal_of(Fraction(5, 2), 6), decimal_of(Fraction(10), 6)
    ('0.002778', '2.5', '10')
    """
    digits = f"{round(number * 10**places):0{places + 1}}"
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole

"""Times of a series to be written: on the calendar if its beginning is known, otherwise from there on."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log10
from typing import TYPE_CHECKING

from einthoven.errors import RecordError
from einthoven.formats.aecg.codes import ACT_CODE, TIME_ABSOLUTE, TIME_RELATIVE
from einthoven.formats.aecg.datatypes import Point, point_of, ts_after
from einthoven.formats.aecg.digits import decimal_of
from einthoven.formats.aecg.elements import coded, node
from einthoven.record import Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_RATES_HZ = (1e-6, 1e9)
_SIGNIFICANT = 25
"""Places of a step; far more than a double has, so that its inverse is the rate again."""
_PLACES = 12


@dataclass(frozen=True, slots=True)
class Clock:
    """When the samples of a series were taken.

    point : when the first one was, or None if only their distance is known
    hz : sampling rate
    """

    point: Point | None
    hz: Fraction

    def head(self, sample: int) -> Element:
        """Make the sequence that says when the samples of a set were taken, from `sample` on."""
        step = node("increment", value=self._step(), unit="s")
        if self.point is None:
            code, kind = TIME_RELATIVE, "GLIST_PQ"
            head = node("head", value=decimal_of(sample / self.hz, _PLACES), unit="s")
        else:
            code, kind = TIME_ABSOLUTE, "GLIST_TS"
            head = node("head", value=ts_after(self.point, sample / self.hz))
        return node("sequence", coded("code", code, ACT_CODE), node("value", head, step, xsi_type=kind))

    def boundary(self, sample: int) -> Element:
        """Make the boundary of a region of interest that is one point in time."""
        if self.point is None:
            code, kind = TIME_RELATIVE, "IVL_PQ"
            when = {"value": decimal_of(sample / self.hz, _PLACES), "unit": "s"}
        else:
            code, kind = TIME_ABSOLUTE, "IVL_TS"
            when = {"value": ts_after(self.point, sample / self.hz)}
        value = node("value", node("low", **when), node("high", **when), xsi_type=kind)
        return node("boundary", coded("code", code, ACT_CODE), value)

    def _step(self) -> str:
        places = _SIGNIFICANT + ceil(log10(self.hz))
        return decimal_of(1 / self.hz, max(places, 0))


def clock_of(record: Record) -> Clock:
    """Return the clock of a record's series.

    Raises RecordError if its sampling rate is none of an ECG.
    """
    low, high = _RATES_HZ
    if not low <= record.fs <= high:
        raise RecordError(f"{record.name or 'record'}: expected a sampling rate of {low:g} to {high:g} Hz, "
                          f"found {record.fs:g} Hz")  # fmt: skip
    point = point_of(record.recording.get("recorded_at"))
    hz = Fraction(record.fs)
    if point is None or not point.has_time or not ts_after(point, record.n_samples / hz):
        return Clock(None, hz)
    return Clock(point, hz)

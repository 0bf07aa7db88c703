"""Heartbeats that MUSE has found (`QRSTimesTypes`).

Found in recordings: `Time` is in milliseconds from the first sample. `GlobalRR`, which is in milliseconds
too, tells where a file counts in samples instead. `Type` numbers the shapes of QRS complexes in the
recording; it does not say what kind of beats they are, so that all of them become `Q`, beats of unknown kind,
with the number noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.formats.muse.values import number_of, text_of
from einthoven.record import Annotation

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ALIKE = 0.2
"""Intervals between beats that differ by less than this share are the same."""


def read_beats(root: Element, fs: float, n_samples: int) -> tuple[Annotation | None, tuple[str, ...]]:
    """Return the beats of the rhythm in order of time, or None, and warnings.

    fs, n_samples : of the rhythm; beats past its end are left out with a warning
    """
    stated = [
        (number_of(text_of(beat, "Time")), text_of(beat, "Type"))
        for beat in root.findall("QRSTimesTypes/QRS")
    ]
    found = [(float(time), kind) for time, kind in stated if time is not None]
    if not found:
        return None, ()
    times = np.array([time for time, _ in found])
    rr = number_of(text_of(root, "QRSTimesTypes/GlobalRR"))
    in_samples = _counts_samples(times, fs, float(rr or 0))
    samples = np.rint(times if in_samples else times * fs / 1000)
    inside = np.flatnonzero((samples >= 0) & (samples < n_samples))
    order = inside[np.argsort(samples[inside], kind="stable")]
    notes = []
    if in_samples:
        notes.append("the times of beats are taken as samples, since they fit the file's interval only so")
    if len(inside) < len(stated):
        notes.append(f"beats without a time within the recording are left out: {len(stated) - len(inside)}")
    if not len(order):
        return None, tuple(notes)
    kinds = tuple(f"QRS type {found[i][1]}" if found[i][1] else "" for i in order.tolist())
    return Annotation(samples[order].astype(np.int64), ("Q",) * len(order), kinds), tuple(notes)


def _counts_samples(times: NDArray[np.float64], fs: float, rr_ms: float) -> bool:
    if len(times) < 3 or rr_ms <= 0:
        return False
    interval = float(np.median(np.abs(np.diff(times))))
    fits_ms = abs(interval - rr_ms) < _ALIKE * rr_ms
    fits_samples = abs(interval * 1000 / fs - rr_ms) < _ALIKE * rr_ms
    return fits_samples and not fits_ms

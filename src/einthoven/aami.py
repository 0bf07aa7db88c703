"""The five classes of heartbeats, and what annotations say of them.

Source: ANSI/AAMI EC57, "Testing and reporting performance results of cardiac rhythm and ST segment
measurement algorithms".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from einthoven.record import Annotation

CLASSES = ("N", "S", "V", "F", "Q")
"""AAMI: normal and bundle branch block, supraventricular, ventricular, fusion, paced or unclassifiable."""

AAMI: Mapping[str, str] = MappingProxyType(
    {symbol: name for name, symbols in zip(CLASSES, ("NLRejB", "AaJSn", "VEr", "F", "/fQ?"), strict=True)
     for symbol in symbols}
)  # fmt: skip
"""Annotated beat to its class. MIT-BIH has no B, n, r and ?; EC57 has a place for them."""


def beats_of(annotation: Annotation) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the annotated beats: sample indices (n,), and classes (n,) as indices into `CLASSES`.

    Marks that are no beat, such as rhythm changes and waves of ventricular flutter, are left out.

    >>> marks = Annotation(np.array([5, 77, 370]), ("+", "N", "V"))
    >>> beats_of(marks)
    (array([ 77, 370]), array([0, 2]))
    """
    position = {symbol: CLASSES.index(name) for symbol, name in AAMI.items()}
    classes = np.array([position.get(symbol, -1) for symbol in annotation.symbols], np.int64)
    return annotation.samples[classes >= 0], classes[classes >= 0]


def flutter_of(annotation: Annotation, n_samples: int) -> tuple[tuple[int, int], ...]:
    """Return the segments of ventricular flutter or fibrillation as (first, last) samples.

    EC57 leaves them out of beat detection: there are no beats to find. A segment that is not closed lasts to
    the end of the recording.

    >>> marks = Annotation(np.array([100, 150, 300, 900]), ("[", "!", "]", "["))
    >>> flutter_of(marks, 1000)
    ((100, 300), (900, 999))
    """
    segments: list[tuple[int, int]] = []
    first: int | None = None
    for sample, symbol in zip(annotation.samples.tolist(), annotation.symbols, strict=True):
        if symbol == "[" and first is None:
            first = sample
        elif symbol == "]" and first is not None:
            segments.append((first, sample))
            first = None
    if first is not None:
        segments.append((first, n_samples - 1))
    return tuple(segments)

"""Marks in time of a Philips document: waveform annotations (1.04.01) and pace pulses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from einthoven.formats.philips.facts import text_of
from einthoven.formats.wfdb.annotations import SYMBOLS
from einthoven.record import Annotation

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NOTE = '"'
_MNEMONICS = frozenset(SYMBOLS.values())
_MILLISECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_PULSES = (
    "internalmeasurements/crossleadmeasurements/pacepulses/pacepulse",
    "measurements/globalmeasurements/pacepulses/pacepulse",
)


def read_marks(root: Element, fs: float, n_samples: int) -> tuple[Annotation | None, tuple[str, ...]]:
    """Read waveform annotations, and the pace pulses that hold for all leads.

    Labels that are WFDB mnemonics become symbols; others become the note of a `"`, with their lead. Marks
    without a time, or past the last sample, are left out with a warning.

    Returns None where there is no mark.
    """
    stated = [
        (text_of(mark.find("time")), text_of(mark.find("label")), text_of(mark.find("leadname")))
        for mark in root.findall("waveforms/annotations/annotation")
    ]
    stated += [
        (pulse.get("starttime", "").strip(), "pace pulse", "")
        for place in _PULSES
        for pulse in root.findall(place)
    ]
    marks = []
    for time, label, lead in stated:
        sample = round(float(time) * fs / 1000) if _MILLISECONDS.fullmatch(time) else n_samples
        if sample < n_samples:
            is_symbol = label in _MNEMONICS and not lead
            note = f"{label} ({lead})" if lead else label
            marks.append((sample, label if is_symbol else _NOTE, "" if is_symbol else note))
    lost = len(stated) - len(marks)
    warnings = (f"{lost} of {len(stated)} marks lie past the last sample or have no time: left out",)
    if not marks:
        return None, warnings if lost else ()
    marks.sort(key=lambda mark: mark[0])
    samples, symbols, notes = zip(*marks, strict=True)
    annotation = Annotation(np.array(samples, np.int64), symbols, notes if any(notes) else ())
    return annotation, warnings if lost else ()

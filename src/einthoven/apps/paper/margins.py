"""What is written around the traces: whose they are, what the model says, and what a reader should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from einthoven import __version__
from einthoven.apps.paper.strips import MM_A_MV, MM_A_SECOND, Sheet
from einthoven.apps.paper.style import (
    EMPTY,
    FAILED,
    INK,
    MARGIN,
    QUIET,
    SURE,
    UNSURE,
    WIDTH,
    fitted,
    width_of,
    wrapped,
    write,
)
from einthoven.apps.paper.times import part_of
from einthoven.bundle import Label
from einthoven.duration import format_duration
from einthoven.inference.prediction import Failure, Prediction
from einthoven.record import Record

_HEAD, _HEAD_WITHOUT_ANSWER = 36.0, 23.0
_SMALL, _LINE, _BASE = 3.0, 4.4, 5.0
_MAX_REMARKS = 8
_BAR, _NUMBER, _LONGEST_NAME = 45.0, 10.0, 60.0
_SECONDS_UP_TO_S = 120.0
_UNSHOWN_S = 0.05
"""A difference in length that is no more than rounding, s."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What all pages of a picture have around their traces.

    record : the recording
    answer : what the model said, or why it said nothing
    labels : the model's classes
    n_pages : pages of the picture
    """

    record: Record
    answer: Prediction | Failure | None
    labels: Sequence[Label]
    n_pages: int

    @property
    def meanings(self) -> Mapping[str, str]:
        """What classes mean, by name."""
        return {label.name: label.meaning for label in self.labels}


_BARS = 4
_IN_HEADLINE = 2
"""Of more classes than these the headline may lack some, and they are named below the traces."""


def shown_part(record: Record, start_s: float, end_s: float) -> str:
    """Say which part of a recording is shown; nothing if it is all of it."""
    is_whole = start_s <= _UNSHOWN_S and end_s >= record.duration_s - _UNSHOWN_S
    return "" if is_whole else part_of(start_s, end_s, record.duration_s)


def head_mm(caption: Caption) -> float:
    """Return the height of the margin above the traces."""
    return _HEAD if caption.answer else _HEAD_WITHOUT_ANSWER


def write_head(page: Axes, caption: Caption, sheet: Sheet, height: float) -> None:
    """Write name, facts, and at most four classes with their probabilities, above the traces."""
    answer, record = caption.answer, caption.record
    room = WIDTH - 2 * MARGIN
    if isinstance(answer, Prediction):
        room = _draw_probs(page, answer, caption.meanings, height - 6) - MARGIN - 6
    name, size = fitted(record.name or "recording", room, 4.2, 3.2, "bold")
    write(page, MARGIN, height - 12, name, size, weight="bold")
    part = shown_part(record, sheet.start_s, sheet.end_s)
    shown, gap = f"shown: {part}" if part else "", 4.0
    facts, size = fitted(_facts(record), room - bool(shown) * (width_of(shown, 3.2, "bold") + gap), 3.2, 2.8)
    write(page, MARGIN, height - 17.5, facts, size, colour=QUIET)
    write(page, MARGIN + width_of(facts, size) + gap, height - 17.5, shown, 3.2, weight="bold")
    if isinstance(answer, Failure):
        for position, line in enumerate(wrapped(f"no answer: {answer.error}", room, 4.0, 2)):
            write(page, MARGIN, height - 25.5 - 5.5 * position, line, 4.0, colour=FAILED)
    elif answer is not None:
        _write_answer(page, answer, caption.meanings, room, height)


def _write_answer(
    page: Axes, answer: Prediction, meanings: Mapping[str, str], room: float, height: float
) -> None:
    words = " + ".join(meanings.get(label, label) for label in answer.labels) or "none of the labels"
    colour = UNSURE if answer.abstained else SURE
    text = f"Not sure: {words}?" if answer.abstained else words[:1].upper() + words[1:]
    rate = "" if answer.heart_rate is None else f"{answer.heart_rate:.0f} bpm"
    gap, rate_size = 6.0, 5.0
    text, size = fitted(text, room - bool(rate) * (gap + width_of(rate, rate_size)), 7.5, 4.5, "bold")
    write(page, MARGIN, height - 27, text, size, colour=colour, weight="bold")
    write(page, MARGIN + width_of(text, size, "bold") + gap, height - 27, rate, rate_size)
    if answer.abstain_reason:
        reason, size = fitted(answer.abstain_reason.removeprefix("not sure: "), room, 3.2, 2.8)
        write(page, MARGIN, height - 32, reason, size, colour=colour)


def _draw_probs(page: Axes, answer: Prediction, meanings: Mapping[str, str], top: float) -> float:
    """Draw a bar a class at the right, those given first; return where the longest name begins."""
    right, begins = WIDTH - MARGIN - _NUMBER, WIDTH
    # What is given comes first, whatever is more probable: each class has a threshold of its own.
    ranked = sorted(answer.probs.items(), key=lambda item: (item[0] not in answer.labels, -item[1]))[:_BARS]
    for position, (label, prob) in enumerate(ranked):
        y = top - 6.0 * (position + 1)
        is_chosen = label in answer.labels
        colour = (UNSURE if answer.abstained else SURE) if is_chosen else QUIET
        weight = "bold" if is_chosen else "normal"
        name, size = fitted(meanings.get(label, label), _LONGEST_NAME, 3.2, 2.6, weight)
        begins = min(begins, right - _BAR - 3 - width_of(name, size, weight))
        write(page, right - _BAR - 3, y, name, size, colour=colour, weight=weight, align="right")
        _draw_bar(page, right - _BAR, y - 0.5, _BAR, EMPTY)
        _draw_bar(page, right - _BAR, y - 0.5, max(_BAR * prob, 1.0), colour)
        write(page, right + _NUMBER, y, f"{prob:.2f}", 3.2, colour=colour, weight=weight, align="right")
    return begins


def _draw_bar(page: Axes, x: float, y: float, width: float, colour: str) -> None:
    corner, width = (x + 0.5, y + 0.5), max(width - 1, 0.01)
    shape = "round,pad=0.5,rounding_size=0.5"
    page.add_patch(
        FancyBboxPatch(corner, width, 2, boxstyle=shape, facecolor=colour, edgecolor="none", zorder=3)
    )


def _facts(record: Record) -> str:
    leads = f"lead {record.leads[0]}" if record.n_leads == 1 else f"{record.n_leads} leads"
    seconds = record.duration_s
    length = f"{seconds:.1f} s" if seconds < _SECONDS_UP_TO_S else format_duration(seconds)
    age, sex = record.patient.get("age"), record.patient.get("sex")
    facts = [leads, length, f"{record.fs:g} Hz", f"{age} years" if age else None, sex]
    return "   ".join(fact for fact in facts if fact)


def remarks(caption: Caption, sheet: Sheet, beyond: Sequence[str]) -> list[str]:
    """Return the lines below the traces.

    beyond : what was cut off at the edges of lines, in words
    """
    answer, record = caption.answer, caption.record
    is_answered = isinstance(answer, Prediction)
    words = [f"quality {answer.quality['score']:.2f}"] if isinstance(answer, Prediction) else []
    if isinstance(answer, Prediction) and len(answer.labels) > _IN_HEADLINE:
        given = ", ".join(f"{label} {answer.probs[label]:.2f}" for label in answer.labels)
        words.insert(0, f"given: {given}")
    words += answer.warnings if isinstance(answer, Prediction) else record.warnings
    if is_answered and shown_part(record, sheet.start_s, sheet.end_s):
        words.append("the answer is about the whole recording, not only the part that is shown")
    if sheet.has_columns:
        words.append("the columns follow each other in time")
    if sheet.left_out:
        words.append(f"not shown: {', '.join(sheet.left_out)}")
    return wrapped("; ".join([*words, *beyond]), WIDTH - 2 * MARGIN, _SMALL, _MAX_REMARKS)


def foot_mm(n_remarks: int) -> float:
    """Return the height of the margin below the traces, for so many lines of remarks."""
    return 2 * _BASE + _LINE * max(n_remarks, 1) + 3.0


def write_foot(page: Axes, caption: Caption, lines: Sequence[str], number: int, foot: float) -> None:
    """Write remarks, the scale, and what made the page, the `number`th from 1."""
    for position, line in enumerate(lines):
        write(page, MARGIN, foot - 5.5 - _LINE * position, line, _SMALL, colour=INK)
    answer = caption.answer
    pages = f"page {number} of {caption.n_pages}   " if caption.n_pages > 1 else ""
    model = f"model {answer.model} {answer.model_version}, " if isinstance(answer, Prediction) else ""
    write(page, MARGIN, _BASE, f"{MM_A_SECOND:g} mm/s   {MM_A_MV:g} mm/mV", _SMALL, weight="bold")
    note = f"{pages}{model}einthoven {__version__}: research software, not a medical device"
    write(page, WIDTH - MARGIN, _BASE, note, _SMALL, colour=QUIET, align="right")

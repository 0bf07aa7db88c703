"""The beats of a recording as tables: classes, rhythm, ectopic beats, and the comparison with annotations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from einthoven.apps.beat_words import CLASS_NAMES, doubt_words, ectopy_words
from einthoven.apps.cli.table import Cell, Row, Table
from einthoven.apps.text import counted
from einthoven.duration import format_time, minutes_and_seconds
from einthoven.signal.rr_intervals import PAUSE_S, RATE_BEATS

if TYPE_CHECKING:
    from einthoven.inference.annotated_beats import Comparison
    from einthoven.inference.beat_report import BeatReport
    from einthoven.signal.ectopy import Run

LISTED = 10
"""So many runs are listed, the longest; the JSON has all."""
_NOT_KNOWN = "-"


def beat_tables(report: BeatReport) -> list[Table]:
    """Return the tables that show a report, below each other; the warnings are the notes of the last."""
    tables = [_classes(report), _rhythm(report)]
    if any(found.runs for found in report.ectopy.values()):
        tables.append(_runs(report))
    if report.comparison is not None:
        tables += [_peaks(report.comparison), _comparison(report.comparison)]
    last = tables[-1]
    obstacle = [doubt_words(report)] if report.beats.obstacle else []
    notes = (*last.notes, *obstacle, *dict.fromkeys(report.warnings))
    return [*tables[:-1], Table(last.headings, last.rows, last.title, notes)]


def _classes(report: BeatReport) -> Table:
    beats, n = report.beats, len(report.beats.labels)
    facts = (format_time(beats.duration_s), f"lead {beats.lead}".replace("lead lead", "lead"))
    title = f"{beats.record or 'recording'}: {', '.join(facts)}, model {beats.model} {beats.model_version}"
    rows = [
        _row(
            name,
            meaning,
            str(report.counts[name]),
            f"{100 * report.counts[name] / n:.1f} %" if n else "",
            str(report.unsure[name]),
        )
        for name, meaning in CLASS_NAMES.items()
    ]
    rows.append(_row("all", "", str(n), "", str(sum(report.unsure.values()))))
    return Table(("class", "meaning", "beats", "share", "not sure"), tuple(rows), title)


def _rhythm(report: BeatReport) -> Table:
    rate, found = report.rate, report.variability
    means = f"of means over {RATE_BEATS} intervals in a row"
    lines: list[tuple[str, str, str]] = [
        ("heart rate", _number(rate.mean, "{:.0f} bpm"), "mean of all R-R intervals"),
    ]
    if rate.lowest is not None and rate.highest is not None:
        lines.append(("lowest, highest", f"{rate.lowest:.0f}, {rate.highest:.0f} bpm", means))
    if not report.obstacle:
        intervals, pairs = (
            counted(found.n_nn, "normal-to-normal interval"),
            counted(found.n_pairs, "adjacent pair"),
        )
        lines += [
            ("mean NN", _number(found.mean_nn_ms, "{:.0f} ms"), intervals),
            ("SDNN", _number(found.sdnn_ms, "{:.1f} ms"), intervals),
            ("RMSSD", _number(found.rmssd_ms, "{:.1f} ms"), pairs),
            ("pNN50", _number(found.pnn50, "{:.1f} %"), pairs),
        ]
    if found.sd1_ms is not None and found.sd2_ms is not None:
        lines.append(("SD1, SD2", f"{found.sd1_ms:.1f}, {found.sd2_ms:.1f} ms", "Poincare plot"))
    if report.pauses:
        longest = max(length for _, length in report.pauses)
        lines.append(
            (f"over {PAUSE_S:g} s", str(len(report.pauses)), f"pauses, or missed; up to {longest:.1f} s")
        )
    notes = [f"{name}: {text}" for name, ectopy in report.ectopy.items() if (text := ectopy_words(ectopy))]
    return Table(("rhythm", "value", "from"), tuple(_row(*line) for line in lines), notes=tuple(notes))


def _runs(report: BeatReport) -> Table:
    runs = [(name, run) for name, found in report.ectopy.items() for run in found.runs]
    longest = sorted(runs, key=lambda item: -item[1].n_beats)[:LISTED]
    doubtful = {name for name, _ in longest} & set(report.beats.missed)
    rows = tuple(
        _run_row(f"{name} *" if name in doubtful else name, run)
        for name, run in sorted(longest, key=lambda item: item[1].start_s)
    )
    n_more = len(runs) - len(rows)
    notes = [f"and {n_more} more, none of them longer; --format json has all"] if n_more else []
    if doubtful:
        notes.append("*: of this class the model missed most in people it had not seen: see below")
    return Table(("run of", "beats", "from min:s", "to min:s", "bpm"), rows, notes=tuple(notes))


def _run_row(name: str, run: Run) -> Row:
    start, end = minutes_and_seconds(run.start_s), minutes_and_seconds(run.end_s)
    return _row(name, str(run.n_beats), start, end, f"{run.rate_bpm:.0f}")


def _peaks(comparison: Comparison) -> Table:
    peaks = comparison.peaks
    rows = (
        _row("annotated", str(peaks.n_annotated), str(peaks.n_annotated - peaks.n_matched)),
        _row("found", str(peaks.n_found), str(peaks.n_found - peaks.n_matched)),
    )
    title = "R peaks in this lead, those in flutter left out: annotated, and found by einthoven"
    return Table(("R peaks", "all", "without a partner"), rows, title)


def _comparison(comparison: Comparison) -> Table:
    found = comparison.to_dict()
    headings = (f".{comparison.extension.removeprefix('.')}", *found["classes"], "sens. %", "pred. %")
    return Table(
        headings,
        tuple(_row(*cells) for cells in _comparison_rows(found["classes"], found)),
        f"Annotated beats (rows), and what the model calls them (columns): {comparison.n_beats} beats",
        ("sens.: sensitivity; pred.: positive predictivity, as AAMI EC57 counts them",),
    )


def _comparison_rows(
    classes: Sequence[str], found: dict[str, dict[str, float | None]]
) -> Iterator[list[str]]:
    for name, counts in zip(classes, found["confusion"], strict=True):
        scores = (found[score].get(name) for score in ("sensitivity", "positive_predictivity"))
        shown = ["" if name == "none" else _number(score, "{:.1f}", 100) for score in scores]
        yield [name, *map(str, counts), *shown]


def _number(value: float | None, form: str, times: float = 1.0) -> str:
    return _NOT_KNOWN if value is None else form.format(times * value)


def _row(*texts: str) -> Row:
    return Row(tuple(Cell(text) for text in texts))

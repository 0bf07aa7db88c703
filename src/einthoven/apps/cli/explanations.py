"""How explanations are shown: the pieces of one, or a row for each of many and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from einthoven.apps.cli.answers import shown_names
from einthoven.apps.cli.output import Item, Layout, value_of
from einthoven.apps.cli.table import Cell, Row, Table
from einthoven.apps.text import counted

if TYPE_CHECKING:
    from einthoven.apps.explanation import Story

N_PIECES = 5
"""So many pieces of an explanation are printed; JSON has all."""
_NAMES = ("share", "n_pieces", "drop", "prob_after", "random_mean", "random_low", "random_high", "beaten")


def item_of(story: Story) -> dict[str, Any]:
    """Return an explanation as a JSON object."""
    found = story.faithfulness
    return {**story.explanation.to_dict(), "faithfulness": None if found is None else found.to_dict()}


def story_layout(story: Story, chosen: str = "") -> Layout:
    """Return how one explanation is shown: its most important pieces, and what is said of it.

    chosen : how the model was chosen, if it was
    """

    def tables(items: Sequence[Item]) -> list[Table]:
        pieces = items[0]["segments"]
        rows = (
            Row((Cell(f"{p['start_s']:.2f}"), Cell(f"{p['end_s']:.2f}"), Cell(f"{p['attribution']:.3f}")))
            for p in pieces[:N_PIECES]
        )
        more = len(pieces) - N_PIECES
        notes = [*([f"and {counted(more, 'piece')} more"] if more > 0 else []),
                 *filter(None, [story.slight, story.method, story.check, story.beside]),
                 *story.doubts]  # fmt: skip
        name = ", ".join(filter(None, [story.explanation.record or "recording", story.beat]))
        title = f"{name}: {story.title}, {story.probability}"
        first = [*(Cell(line, "red") for line in story.alarms),
                 *([Cell(story.unsure, "yellow")] if story.unsure else []),
                 Cell(", ".join(filter(None, [f"model {story.explanation.model}", chosen])))]  # fmt: skip
        headings = ("from (s)", "to (s)", "log-odds")
        return [Table(headings, tuple(rows), title, tuple(notes), tuple(first))]

    return Layout(tables, _fields(), "explanation")


def faithfulness_layout() -> Layout:
    """Return how the faithfulness of many explanations is shown: a row each."""

    def tables(items: Sequence[Item]) -> list[Table]:
        headings = ("record", "label", "prob.", "pieces", "marked", "random", "lowest", "highest")
        names = shown_names(items)
        return [Table(headings, tuple(_row(item, name) for item, name in zip(items, names, strict=True)))]

    return Layout(tables, _fields(), "recording")


def summary(items: Sequence[Item]) -> list[str]:
    """Say what the faithfulness of many explanations adds up to, with 95 % intervals over recordings."""
    import numpy as np

    from einthoven.metrics import bootstrap_interval, extreme_interval

    done = [item for item in items if "error" not in item]
    if not done:
        return []
    measured = [item["faithfulness"] for item in done if item["faithfulness"] is not None]
    notes = []
    for words, is_so in (
        ("more than random ones do on average", [m["drop"] > m["random_mean"] for m in measured]),
        ("more than every random removal", [m["beaten"] == 1 for m in measured]),
    ):
        # Where nothing is marked nothing was shown to be faithful.
        values = np.array([*is_so, *[False] * (len(done) - len(measured))], np.float64)
        share = float(values.mean())
        interval = (
            extreme_interval(share, len(values)) if share in (0, 1) else bootstrap_interval(np.mean, values)
        )
        low, high = interval
        notes.append(f"the marked pieces lower the log-odds {words} in {int(values.sum())} of "
                     f"{counted(len(done), 'recording')}: {share:.0%} ({low:.0%} to {high:.0%})")  # fmt: skip
    if measured:
        drops = np.array([[m["drop"], m["random_mean"]] for m in measured])
        told = []
        for values in (drops[:, 0], drops[:, 1], drops[:, 0] - drops[:, 1]):
            low, high = bootstrap_interval(np.mean, values)
            told.append(f"{values.mean():.2f} ({low:.2f} to {high:.2f})")
        notes.append(f"mean fall of the log-odds: marked {told[0]}, random {told[1]}, difference {told[2]}")
    return notes


def _row(item: Item, name: str) -> Row:
    if "error" in item:
        return Row((Cell(name), *(Cell("") for _ in range(7))), Cell(item["error"], "red"))
    found = item["faithfulness"]
    label, prob = Cell(item["label"]), Cell(f"{item['probs'][item['label']]:.2f}")
    if found is None:
        return Row((Cell(name), label, prob, *(Cell("") for _ in range(5))), Cell("nothing is marked"))
    values = (found[key] for key in ("drop", "random_mean", "random_low", "random_high"))
    style = "" if found["drop"] > found["random_mean"] else "yellow"
    cells = (Cell(f"{value:.2f}", style) for value in values)
    return Row((Cell(name), label, prob, Cell(str(found["n_pieces"])), *cells))


def _fields() -> dict[str, Any]:
    plain = ("record", "path", "model", "label", "method", "window_s", "step_s", "fill", "start_s", "end_s")

    def of_faithfulness(name: str) -> Any:
        return lambda item: (item.get("faithfulness") or {}).get(name)

    return {
        **{name: value_of(name) for name in plain},
        "prob": lambda item: item.get("probs", {}).get(item.get("label")),
        **{name: of_faithfulness(name) for name in _NAMES},
        "error": value_of("error"),
    }

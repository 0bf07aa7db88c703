"""An explanation as a web page in one file: the picture and its figures, loading nothing."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from einthoven import __version__
from einthoven.apps.explanation.page import figure_of
from einthoven.apps.explanation.story import CAVEAT, Story
from einthoven.apps.paper.style import FAILED, INK, PAPER, QUIET, UNSURE
from einthoven.apps.text import one_line

_STYLE = f"""
body {{ background: {PAPER}; color: {INK}; font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto;
       max-width: 75rem; padding: 0 1rem; }}
img {{ width: 100%; height: auto; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
th, td {{ padding: .2rem 1.2rem .2rem 0; text-align: left; }}
td.n {{ text-align: right; font-variant-numeric: tabular-nums; }}
th {{ border-bottom: 1px solid {QUIET}; font-weight: 600; }}
.doubt {{ color: {FAILED}; }}
.unsure {{ color: {UNSURE}; }}
footer {{ color: {QUIET}; margin-top: 2rem; }}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def html_of(story: Story) -> str:
    """Return an explanation as an HTML page that loads nothing; text of files is escaped."""
    shown = story.explanation
    name = _text(shown.record or "recording")
    doubts = "".join(f"<li>{_text(line)}</li>" for line in story.doubts)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{name}: {_text(story.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_text(story.title)}</h1>",
        *(f"<p class=doubt>{_text(line)}</p>" for line in story.alarms),
        f"<p class=unsure>{_text(story.unsure)}</p>" if story.unsure else "",
        f"<p><strong>{name}</strong>, {_text(story.facts)}; {_text(story.probability)}.</p>",
        f'<img alt="{_text(_described(story))}" src="data:image/svg+xml;base64,{_picture(story)}">',
        f"<p>{_text(story.method)}</p>",
        *(f"<p>{_text(line)}</p>" for line in (story.slight, story.check, story.beside) if line),
        "<h2>Marked pieces, the most important first</h2>",
        _table(
            ("from (s)", "to (s)", "log-odds"),
            ((f"{s.start_s:.2f}", f"{s.end_s:.2f}", f"{s.attribution:+.3f}") for s in shown.segments()),
        ),
        _layers(story),
        f"<ul>{doubts}</ul>" if doubts else "",
        f"<p>{CAVEAT}</p>",
        f"<footer>Model {_text(shown.model)}, einthoven {__version__}: research software, not a medical "
        "device.</footer></body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _text(text: str) -> str:
    return escape(one_line(text))


def _picture(story: Story) -> str:
    stream = io.BytesIO()
    figure_of(story).savefig(stream, format="svg", metadata={"Date": None})
    return b64encode(stream.getvalue()).decode("ascii")


def _described(story: Story) -> str:
    """Return the picture in words, for those who do not see it."""
    label, n = story.explanation.label, len(story.explanation.runs())
    return f"The trace, coloured by what speaks for {label} (blue) and against it (orange); {n} pieces marked"


def _layers(story: Story) -> str:
    if not story.layers:
        return ""
    rows = (
        (layer.name, layer.kind, str(layer.values.shape[0]), f"{layer.step_s:.3g}" if layer.has_time else "")
        for layer in story.layers
    )
    return "<h2>Layers</h2>" + _table(("layer", "made of", "channels", "step (s)"), rows)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(heading)}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: str) -> str:
    is_number = value.lstrip("+-").replace(".", "", 1).isdigit()
    return f"<td{' class=n' if is_number else ''}>{_text(value)}</td>"

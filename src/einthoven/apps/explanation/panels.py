"""What the layers see: activation maps on the axis of the trace, and the kernels of the first layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from einthoven.apps.explanation.axes import count_seconds, draw_trace, place
from einthoven.apps.explanation.colours import FOR, SEQUENTIAL, SIGNED
from einthoven.apps.explanation.story import Story
from einthoven.apps.paper.style import INK, MARGIN, PAPER, QUIET, WIDTH, fitted, points, write

if TYPE_CHECKING:
    from einthoven.training.layers import Kernels, Layer

MAX_LAYERS = 14
MAX_KERNELS = 24
_TITLE, _NAME, _MAP, _VECTOR, _OVERVIEW = 9.0, 4.2, 9.0, 3.0, 12.0
_SQUARE, _NAMED_SQUARE, _TICKS = 3.0, 9.0, 4.0
_COLUMNS, _KERNEL, _RESPONSE, _BELOW = 12, 11.0, 8.0, 6.0


def layers_mm(story: Story, n_lines: int) -> float:
    """Return the height of the activation maps; 0 if there are none."""
    if not story.layers:
        return 0.0
    overview = _OVERVIEW if n_lines > 1 else 0.0
    return _TITLE + overview + sum(_NAME + _layer_mm(layer) for layer in _shown(story.layers)) + _BELOW


def kernels_mm(story: Story) -> float:
    """Return the height of the first layer's kernels; 0 if there are none."""
    if story.kernels is None:
        return 0.0
    n_rows = -(-min(len(story.kernels.values), MAX_KERNELS) // _COLUMNS)
    if not story.kernels.has_response:
        return _TITLE + n_rows * (WIDTH - 2 * MARGIN) / _COLUMNS + _BELOW
    return _TITLE + n_rows * (_KERNEL + _RESPONSE + _BELOW)


def draw_layers(
    figure: Figure,
    page: Axes,
    story: Story,
    top: float,
    across: tuple[float, float],
    n_lines: int,
) -> float:
    """Draw the activation maps below `top`, mm, and return where they end.

    across : left edge and width of the axis that they share with the trace
    n_lines : of the trace; of several, a small trace of the whole part stands above the maps
    """
    if not story.layers:
        return top
    left, width = across
    start_s, end_s = story.explanation.start_s, story.explanation.end_s
    write(page, MARGIN, top - 5, _layers_title(story), 3.8, weight="bold")
    y = top - _TITLE
    if n_lines > 1:
        axes = _axes(figure, left, y - _OVERVIEW + 1, width, _OVERVIEW - 1)
        _draw_overview(axes, story)
        y -= _OVERVIEW
    layers = _shown(story.layers)
    for position, layer in enumerate(layers):
        text, size = fitted(_layer_words(layer, _classes_of(story, layer)), width, 2.5, 2.2)
        write(page, left, y - 3.0, text, size, colour=QUIET)
        height = _layer_mm(layer)
        y -= _NAME + height
        is_last = not any(later.has_time for later in layers[position + 1 :])
        if layer.has_time:
            axes = _axes(figure, left, y, width, height)
            _draw_map(axes, layer, story.explanation.origin_s)
            axes.set_xlim(start_s, end_s)
            count_seconds(axes)
            axes.tick_params(bottom=is_last, labelbottom=is_last)
            if is_last:
                y -= _TICKS
        else:
            names = _classes_of(story, layer)
            _draw_vector(_axes(figure, left, y, _vector_mm(layer, names, width), height), layer, names)
    return top - layers_mm(story, n_lines)


def draw_kernels(figure: Figure, page: Axes, story: Story, top: float) -> None:
    """Draw the kernels of the first layer below `top`, mm: each over its frequency response."""
    kernels = story.kernels
    if kernels is None:
        return
    title, size = fitted(_kernels_title(kernels), WIDTH - 2 * MARGIN, 3.8, 3.0, "bold")
    write(page, MARGIN, top - 5, title, size, weight="bold")
    cell = (WIDTH - 2 * MARGIN) / _COLUMNS
    for position, number in enumerate(_in_order(kernels)):
        row, column = divmod(position, _COLUMNS)
        left = MARGIN + column * cell
        if not kernels.has_response:
            axes = _axes(figure, left, top - _TITLE - (row + 1) * cell + 1.5, cell - 1.5, cell - 1.5)
            _draw_image(axes, kernels.values[number].mean(axis=0))
            continue
        y = top - _TITLE - row * (_KERNEL + _RESPONSE + _BELOW)
        _draw_kernel(_axes(figure, left + 1, y - _KERNEL, cell - 3, _KERNEL - 1), kernels, number)
        lower = _axes(figure, left + 1, y - _KERNEL - _RESPONSE, cell - 3, _RESPONSE)
        _draw_response(lower, kernels, number)


def _shown(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers that are drawn: all, or evenly spaced ones, the first and last among them."""
    if len(layers) <= MAX_LAYERS:
        return list(layers)
    return [layers[round(k)] for k in np.linspace(0, len(layers) - 1, MAX_LAYERS).tolist()]


def _layer_mm(layer: Layer) -> float:
    return _MAP if layer.has_time else _VECTOR


def _vector_mm(layer: Layer, names: Sequence[str], width: float) -> float:
    return min(width, (_NAMED_SQUARE if names else _SQUARE) * len(layer.values))


def _classes_of(story: Story, layer: Layer) -> tuple[str, ...]:
    """Return the class that each value of a layer is of: of the last, where it has as many."""
    classes = tuple(story.explanation.probs)
    is_last = layer is story.layers[-1]
    return classes if is_last and layer.values.shape == (len(classes),) else ()


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    axes = place(figure, left, bottom, width, height)
    axes.set_yticks([])
    return axes


def _layers_title(story: Story) -> str:
    n = len(story.layers)
    drawn = len(_shown(story.layers))
    some = "" if drawn == n else f" ({drawn} of {n} drawn)"
    return (
        f"What each layer makes of it{some}: a row a channel, dark where it is more active than at its least"
    )


def _layer_words(layer: Layer, names: Sequence[str]) -> str:
    made = f"{layer.name}   {layer.kind}: {layer.values.shape[0]} channels"
    if layer.has_time:
        return f"{made}, a step of {layer.step_s:.3g} s"
    squares = "a square a class" if names else "a square a channel"
    most = float(np.abs(layer.values).max())
    return (f"{made}, over the whole input: {squares}, blue above zero, orange below, "
            f"darkest at {most:.2g}")  # fmt: skip


def _draw_overview(axes: Axes, story: Story) -> None:
    shown = story.explanation
    trace = np.asarray(shown.signal[0, shown.part], np.float64)
    low, high = np.quantile(trace - np.median(trace), [0.001, 0.999])
    room = 0.3 * max(float(high - low), 1e-3)
    part = (shown.part.start, shown.part.stop)
    draw_trace(axes, story, 0, part, (float(low) - room, float(high) + room), 0.15)
    axes.tick_params(bottom=False, labelbottom=False)


def _draw_map(axes: Axes, layer: Layer, origin_s: float) -> None:
    first_s = origin_s + layer.start_s - layer.step_s / 2
    end_s = first_s + layer.values.shape[1] * layer.step_s
    # Most channels have a level of their own, which would hide when they are active.
    values = layer.values - layer.values.min(axis=1, keepdims=True)
    most = max(float(np.quantile(values, 0.995)), 1e-9)
    image = axes.imshow(values, cmap=SEQUENTIAL, vmin=0, vmax=most, aspect="auto", origin="lower",
                        interpolation="nearest", extent=(first_s, end_s, 0, len(values)))  # fmt: skip
    image.set_gid(f"layer-{layer.name}")


def _draw_vector(axes: Axes, layer: Layer, names: Sequence[str]) -> None:
    most = max(float(np.abs(layer.values).max()), 1e-9)
    image = axes.imshow(layer.values[None], cmap=SIGNED, vmin=-most, vmax=most, aspect="auto",
                        interpolation="nearest")  # fmt: skip
    image.set_gid(f"layer-{layer.name}")
    axes.set_xticks([])
    for position, name in enumerate(names):
        text, size = fitted(name, _NAMED_SQUARE - 1, 2.2, 1.6)
        colour = PAPER if abs(float(layer.values[position])) > most / 2 else INK
        axes.text(position, 0, text, fontsize=points(size), color=colour, ha="center", va="center",
                  parse_math=False)  # fmt: skip


def _kernels_title(kernels: Kernels) -> str:
    n, drawn = len(kernels.values), min(len(kernels.values), MAX_KERNELS)
    some = f"{n} kernels" if drawn == n else f"the {drawn} of largest norm among {n} kernels"
    if not kernels.has_response:
        high, wide = kernels.values.shape[-2:]
        what = f"{some} of {high} frequencies x {wide} steps"
        return f"First layer ({kernels.name}): {what}, blue above zero, orange below"
    n_rows, width_s = kernels.values.shape[1], kernels.values.shape[-1] / kernels.fs
    rows = "" if n_rows == 1 else f" ({n_rows} rows of the input, a line each)"
    what = f"{some} of {width_s:.3g} s{rows}"
    return f"First layer ({kernels.name}): {what}, and which frequencies (Hz) each lets through"


def _in_order(kernels: Kernels) -> list[int]:
    """Return the strongest kernels, those that let low frequencies through first."""
    strength = np.square(kernels.values).reshape(len(kernels.values), -1).sum(axis=1)
    kept = np.argsort(-strength, kind="stable")[:MAX_KERNELS]
    if not kernels.has_response:
        return sorted(kept.tolist())
    peaks = kernels.response.argmax(axis=1)
    return sorted(kept.tolist(), key=lambda number: (int(peaks[number]), number))


def _draw_kernel(axes: Axes, kernels: Kernels, number: int) -> None:
    kernel = kernels.values[number]
    times = np.arange(kernel.shape[-1]) / kernels.fs
    most = max(float(np.abs(kernel).max()), 1e-9)
    axes.axhline(0, color=QUIET, linewidth=points(0.1))
    for lead in kernel:
        axes.plot(times, lead, color=INK, linewidth=points(0.3), marker="o", markersize=points(0.35))
    axes.set_ylim(-1.15 * most, 1.15 * most)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)


def _draw_response(axes: Axes, kernels: Kernels, number: int) -> None:
    gain = kernels.response[number]
    axes.fill_between(kernels.frequencies, gain / max(float(gain.max()), 1e-9), color=FOR, linewidth=0)
    axes.set(xlim=(0, kernels.fs / 2), ylim=(0, 1.05))
    # A third tick, at the end, would run into the next kernel's first.
    axes.set_xticks([0, round(kernels.fs / 4)])
    axes.spines[["top", "left", "right"]].set_visible(False)


def _draw_image(axes: Axes, values: NDArray[np.float32]) -> None:
    most = max(float(np.abs(values).max()), 1e-9)
    axes.imshow(
        values, cmap=SIGNED, vmin=-most, vmax=most, aspect="auto", origin="lower", interpolation="nearest"
    )
    axes.set_xticks([])

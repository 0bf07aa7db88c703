"""Colours of attributions and activations, told apart by colour-blind eyes, and in grey by their darkness.

Orange and blue differ for every kind of colour blindness (Okabe & Ito 2008, jfly.uni-koeln.de/color).
"""

from __future__ import annotations

from matplotlib.colors import LinearSegmentedColormap

from einthoven.apps.paper.style import PAPER

FOR, AGAINST = "#1f5fa8", "#b4550a"
DIVERGING = LinearSegmentedColormap.from_list(
    "attribution", ["#d9792b", "#f3c196", PAPER, "#a3c4e6", "#3d7fc4"]
)
"""Speaks against, nothing, speaks for; light enough that a black trace stays readable on both ends."""
SEQUENTIAL = LinearSegmentedColormap.from_list("activation", [PAPER, "#a8c7cf", "#4d8b99", "#0d3b4c"])
"""From no activation to the highest."""
SIGNED = LinearSegmentedColormap.from_list("signed", ["#8a3d05", "#e39a5a", PAPER, "#6fa3d8", "#123f75"])
"""Values below zero, zero, above."""

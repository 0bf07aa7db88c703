"""What a model reads of each heartbeat, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.markdown import call, plain
from einthoven.bundle.facts import is_number, stated
from einthoven.errors import SettingsError
from einthoven.inference.beats import MIN_FS
from einthoven.signal.beats import AroundRPeaks, Cut, SevenSteps, read_cut

if TYPE_CHECKING:
    from einthoven.bundle import Bundle


def input_rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return the rows of the table of what a model of heartbeats takes, and reads of each."""
    cut, found = bundle.cut or {}, _cut(bundle)
    taken = bundle.input
    rows = [
        ("leads", f"{', '.join(map(plain, taken.leads))}; where it is not there, the first ECG lead"),
        ("length", "any"),
        ("unit", f"{plain(taken.units)}; files are converted where they are read"),
        ("sampling rate", f"from {MIN_FS:g} Hz; the network was trained at {taken.fs:g} Hz"),
        ("R peaks", _rpeaks(bundle)),
        ("of each heartbeat", _read(found)),
    ]
    if bundle.chain is not None:
        rows.append(("of its neighbours", _neighbours(bundle.chain)))
    return [*rows, ("settings", call(cut, "cut"))]


def finds_rpeaks(bundle: Bundle) -> bool:
    """Tell whether a model of heartbeats finds R peaks in its own way, and takes none."""
    found = _cut(bundle)
    return found is not None and found.finds_rpeaks


def _cut(bundle: Bundle) -> Cut | None:
    """Return how a bundle cuts heartbeats, None if that cannot be read."""
    try:
        return read_cut(bundle.cut or {})
    except SettingsError:
        return None


def _rpeaks(bundle: Bundle) -> str:
    if finds_rpeaks(bundle):
        return "it finds its own, and takes none that are given"
    return "found by einthoven, in the same lead; or given, such as annotated ones"


def _read(found: Cut | None) -> str:
    """Describe what is cut; what cannot be read has its settings only."""
    if isinstance(found, AroundRPeaks):
        return (
            f"the wave from {found.before_s:g} s before its R peak to {found.after_s:g} s after it, between "
            f"{found.low_hz:g} and {found.high_hz:g} Hz, scaled and turned so that gain and polarity of the "
            f"lead do not matter; the beat that is usual around it, of up to {found.n_usual} beats to either "
            f"side; and {found.n_features} numbers: R-R intervals before and after it beside what is usual "
            "near and far, how its QRS complex, P and T wave differ from the usual ones, and how like its "
            "neighbours it is"
        )
    if not isinstance(found, SevenSteps):
        return "see the settings"
    return (
        f"the lead from its R peak on, for {found.span:g} median R-R intervals, in windows of "
        f"{found.window_s:g} s that are scaled to between 0 and 1; zeros fill it up to {found.n_samples} "
        "samples"
    )


def _neighbours(chain: Mapping[str, Any]) -> str:
    strength = stated(chain, "strength")
    how = f" with a weight of {strength:g}" if is_number(strength) else ""
    return (
        "the answers to all heartbeats of a recording are weighed together, by how often each class follows "
        f"each in the data that it learnt from (a Markov chain{how}): the answer to one beat depends on "
        "those around it"
    )

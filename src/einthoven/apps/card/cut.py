"""What a model reads of each heartbeat, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import is_number, stated
from einthoven.apps.card.markdown import call, plain
from einthoven.errors import SettingsError
from einthoven.inference.beats import MIN_FS
from einthoven.signal.beats import AroundRPeaks, SevenSteps, read_cut

if TYPE_CHECKING:
    from einthoven.bundle import Bundle


def input_rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return the rows of the table of what a model of heartbeats takes, and reads of each."""
    cut = bundle.cut or {}
    taken = bundle.input
    rows = [
        ("leads", f"{', '.join(map(plain, taken.leads))}; where it is not there, the first ECG lead"),
        ("length", "any"),
        ("unit", f"{plain(taken.units)}; files are converted where they are read"),
        ("sampling rate", f"from {MIN_FS:g} Hz; the network was trained at {taken.fs:g} Hz"),
        ("R peaks", _rpeaks(cut)),
        ("of each heartbeat", _read(cut)),
    ]
    if bundle.chain is not None:
        rows.append(("of its neighbours", _neighbours(bundle.chain)))
    return [*rows, ("settings", call(cut, "cut"))]


def _rpeaks(cut: Mapping[str, Any]) -> str:
    if cut.get("rpeaks") == "found":
        return "it finds its own, and takes none that are given"
    return "found by einthoven, in the same lead; or given, such as annotated ones"


def _read(cut: Mapping[str, Any]) -> str:
    """Describe what is cut; what cannot be read has its settings only."""
    try:
        found = read_cut(cut)
    except SettingsError:
        return "see the settings"
    if isinstance(found, AroundRPeaks):
        return (
            f"the wave from {found.before_s:g} s before its R peak to {found.after_s:g} s after it, between "
            f"{found.low_hz:g} and {found.high_hz:g} Hz, scaled and turned so that gain and polarity of the "
            f"lead do not matter; the beat that is usual around it, of up to {found.n_usual} beats to either "
            f"side; and {found.n_features} numbers: R-R intervals before and after it beside what is usual "
            "near and far, how its QRS complex, P and T wave differ from the usual ones, and how like its "
            "neighbours it is"
        )
    assert isinstance(found, SevenSteps)
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

"""The rhythm data of SCP-ECG, from sections 2 to 6: samples of all leads on one line of time.

Source: EN 1064:2005+A1:2007, 5.5 to 5.9. A recording may be stored as it is, or as what is left of it after
the reference beat was subtracted; what is left may be thinned out, see `residual`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import FormatError
from einthoven.formats.given import Given
from einthoven.formats.scp.compressed import Compressed
from einthoven.formats.scp.leads import Lead
from einthoven.formats.scp.limbs import PAIR
from einthoven.formats.scp.residual import Subtraction, Thinning, subtraction, thinning, thinning_factor
from einthoven.formats.scp.waveform import decode_lead, too_few

_NANOVOLTS = 1e6
"""In a millivolt."""


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """Decoded rhythm data.

    signal : (n_leads, n_samples) float32 mV, NaN before a lead begins and after it ends
    limbs : leads I and II before they were rounded, mV, as far as they are there
    interval_us : time between two samples, us
    first : the number of the first sample, as section 4 counts
    divisor : how many samples of section 4 are one of these
    warnings : what was noticed
    """

    signal: NDArray[np.float32]
    limbs: dict[str, NDArray[np.float64]]
    interval_us: float
    first: int
    divisor: int
    warnings: tuple[str, ...]


def decode_rhythm(source: Compressed, leads: tuple[Lead, ...], kept: list[int], given: Given) -> Rhythm:
    """Decode the leads whose positions are in `kept`.

    Raises FormatError if a lead's data are cut or impossible, or beyond the limits; RecordError if it is not
    certain how samples are stored, and the caller is strict.
    """
    waveform = source.rhythm
    if waveform.amplitude_nv == 0:
        raise FormatError(f"{waveform.where}: expected steps above 0 nV, found 0")
    factor = thinning_factor(waveform, source.reference, source.is_subtracted)
    counted, divisor, warnings = _as_counted(source, leads, kept, factor, given)
    _check_size(source, counted, kept, factor, given)
    plans = _plans(source, counted, kept, factor)
    if _is_plain(source, counted, kept, plans):
        warnings += (given.doubt("section 6: expected Huffman codes, found two bytes a sample in every lead: "
                                 "read as samples"),)  # fmt: skip
        source = replace(source, tables=None)
    first, last = min(counted[i].start for i in kept), max(counted[i].end for i in kept)
    back = None
    if source.is_subtracted and source.beats is not None:
        back = subtraction(source.beats, first, last, f"{given.where}: section 4")
    signal = np.full((len(kept), last - first + 1), np.nan, np.float32)
    limbs: dict[str, NDArray[np.float64]] = {}
    notes = _Notes([], [])
    for row, i in zip(signal, kept, strict=True):
        lead = counted[i]
        part = slice(lead.start - first, lead.end - first + 1)
        values = _millivolts(source, i, lead, plans[_span(lead)], back, notes)
        row[part] = values
        if lead.name in PAIR:
            limbs[lead.name] = np.full(len(row), np.nan)
            limbs[lead.name][part] = values
    interval = waveform.interval_us / factor
    warnings += notes.warnings()
    return Rhythm(signal, limbs, interval, first * divisor - divisor + 1, divisor, warnings)


@dataclass(frozen=True, slots=True)
class _Notes:
    """Names of leads that hold more than their samples, and of those whose differences leave 16 bits."""

    longer: list[str]
    wrapped: list[str]

    def warnings(self) -> tuple[str, ...]:
        found: tuple[str, ...] = ()
        if self.longer:
            names = ", ".join(self.longer)
            found += (f"section 6: more data than samples in section 3 in lead {names}: "
                      "the rest was not read",)  # fmt: skip
        if self.wrapped:
            names = ", ".join(self.wrapped)
            found += (f"section 6: differences add up to more than 16 bits in lead {names}",)
        return found


def _millivolts(
    source: Compressed, number: int, lead: Lead, plan: Thinning, back: Subtraction | None, notes: _Notes
) -> NDArray[np.float64]:
    """Decode one lead.

    Raises FormatError if it holds fewer samples than it should, or, where samples were thinned out, more.
    """
    stored = decode_lead(source.rhythm, number, lead, plan.n_stored, source.tables)
    is_thinned = plan.n_stored < plan.n_samples
    if stored.has_rest and is_thinned:
        raise FormatError(
            f"{source.rhythm.where}, lead {lead.name}: expected {plan.n_stored} stored samples in and "
            "between the protected areas of section 4, found more"
        )
    notes.longer.extend([lead.name] * stored.has_rest)
    notes.wrapped.extend([lead.name] * stored.is_wrapped)
    values = plan.restore(stored.samples) if is_thinned else stored.samples.astype(np.float64)
    values *= source.rhythm.amplitude_nv
    if back is not None and source.reference_nv is not None:
        values = back.add_back(values, lead.start, source.reference_nv[number])
    return values / _NANOVOLTS


def _span(lead: Lead) -> tuple[int, int]:
    return lead.start, lead.end


def _plans(
    source: Compressed, leads: tuple[Lead, ...], kept: list[int], factor: int
) -> dict[tuple[int, int], Thinning]:
    spans = {_span(leads[i]) for i in kept}
    if factor > 1:
        return {span: thinning(*span, source.protected, factor) for span in spans}
    none = np.empty(0, np.int64)
    return {(start, end): Thinning(end - start + 1, end - start + 1, none, none) for start, end in spans}


def _check_size(
    source: Compressed, leads: tuple[Lead, ...], kept: list[int], factor: int, given: Given
) -> None:
    """Make sure that the data can hold the samples that section 3 claims, before there is room for them."""
    n_stated = 0
    for i in kept:
        n_bytes = len(source.rhythm.leads[i])
        most = factor * (n_bytes // 2 if source.tables is None else 8 * n_bytes)
        if leads[i].n_samples > most:
            raise too_few(source.rhythm, i, leads[i], leads[i].n_samples, most)
        n_stated += leads[i].n_samples // factor
    n_line = max(leads[i].end for i in kept) - min(leads[i].start for i in kept) + 1
    given.limits.check("samples", n_line * len(kept), given.where)
    given.limits.check("gap_samples", n_line * len(kept) - n_stated, given.where)


def _as_counted(
    source: Compressed, leads: tuple[Lead, ...], kept: list[int], factor: int, given: Given
) -> tuple[tuple[Lead, ...], int, tuple[str, ...]]:
    """Return the leads, the divisor, and a warning, if section 3 counts samples at the reference beat's rate.

    Some writers do so where the rhythm has a lower rate though nothing was thinned out.
    """
    waveform, reference = source.rhythm, source.reference
    if factor > 1 or reference is None or reference.interval_us == 0:
        return leads, 1, ()
    divisor, rest = divmod(waveform.interval_us, reference.interval_us)
    if rest or divisor < 2:
        return leads, 1, ()
    slower = tuple(
        replace(lead, start=start, end=start + lead.n_samples // divisor - 1)
        for lead, start in ((lead, (lead.start - 1) // divisor + 1) for lead in leads)
    )
    if _can_be_read(source, leads, kept[0]) or not _can_be_read(source, slower, kept[0]):
        return leads, 1, ()
    return slower, divisor, (given.doubt(
        f"section 3 counts samples of {reference.interval_us} us, as the reference beat has; "
        f"the rhythm has {waveform.interval_us} us"),)  # fmt: skip


def _is_plain(
    source: Compressed, leads: tuple[Lead, ...], kept: list[int], plans: dict[tuple[int, int], Thinning]
) -> bool:
    """Tell whether samples are not coded though there are tables: two bytes each, and no codes that fit."""
    n_stored = [plans[_span(leads[i])].n_stored for i in kept]
    n_bytes = [len(source.rhythm.leads[i]) for i in kept]
    if source.tables is None or any(2 * n != size for n, size in zip(n_stored, n_bytes, strict=True)):
        return False
    try:
        first = decode_lead(source.rhythm, kept[0], leads[kept[0]], n_stored[0], source.tables)
    except FormatError:
        return True
    return first.has_rest


def _can_be_read(source: Compressed, leads: tuple[Lead, ...], number: int) -> bool:
    lead, n_bytes = leads[number], len(source.rhythm.leads[number])
    if not 0 < lead.n_samples <= 8 * n_bytes:
        return False
    try:
        decode_lead(source.rhythm, number, lead, lead.n_samples, source.tables)
    except FormatError:
        return False
    return True

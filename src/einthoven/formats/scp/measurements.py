"""Section 7 of SCP-ECG, global measurements: of these, only the pacemaker's spikes are taken.

Source: EN 1064:2005+A1:2007, 5.10.
"""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.formats.scp.sections import Section

_SPIKES_AT = 6
_BLOCK_BYTES, _SPIKE_BYTES = 16, 4
_NOT_MEASURED = 29999


@dataclass(frozen=True, slots=True)
class Spike:
    """One spike of a pacemaker.

    time_ms : after the recording's first sample
    amplitude_uv : None if it was not measured
    """

    time_ms: int
    amplitude_uv: int | None


def read_spikes(section: Section) -> tuple[Spike, ...]:
    """Read the pacemaker's spikes.

    Raises FormatError if there are fewer than stated.
    """
    n_blocks, n_spikes = section.unpack("<BB", 0, "the number of spikes")
    spikes = []
    for i in range(n_spikes):
        at = _SPIKES_AT + n_blocks * _BLOCK_BYTES + i * _SPIKE_BYTES
        time, amplitude = section.unpack("<Hh", at, f"spike {i + 1} of {n_spikes}")
        if time != _NOT_MEASURED:
            spikes.append(Spike(time, None if amplitude == _NOT_MEASURED else amplitude))
    return tuple(spikes)

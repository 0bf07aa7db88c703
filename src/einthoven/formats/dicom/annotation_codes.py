"""What codes of waveform annotations are in WFDB mnemonics.

Source: DICOM PS3.16, CID 3335, whose codes are those of ISO/IEEE 11073-10102, partition 10; EN 1064, 5.7 and
5.10, for the codes of SCP-ECG that older files have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from einthoven.formats.mdc import BEATS, beat_of_symbol
from einthoven.formats.wfdb.annotations import SYMBOLS

NOTE = '"'
OWN_SCHEME = "99WFDB"
"""Coding scheme of our own, for mnemonics of WFDB that CID 3335 lacks: PS3.16, 8.2, lets it begin so."""
MDC_SCHEME = "MDC"

_MDC_CODE = re.compile(r"10:(\d{1,6})", re.ASCII)
_WAVES: Mapping[int, str] = MappingProxyType(
    dict.fromkeys((256, 320, 384), "p")
    | dict.fromkeys((1024, 1088), "t")
    | {1152: "u", 1728: "!", 2048: "'", 2176: "|", 2304: "s", 2368: "T"}
    | dict.fromkeys((11200, 11216, 11232, 11248), "~")
)
"""MDC number -> mnemonic of what is no beat. Q, R and S waves have none."""
_SAYS_ALL = frozenset((256, 1024, 1152, 1728, 2048, 2176))
"""Numbers of which the mnemonic says as much."""
_SCP: Mapping[str, str] = MappingProxyType(
    {"5.10.3-1": "(", "5.10.3-2": ")", "5.10.3-3": "(", "5.10.3-4": ")", "5.10.3-5": ")", "5.7.1-3": "Q"}
)
"""Onset and offset of P and QRS, offset of T, and the fiducial point of a QRS complex of a class not said."""
_PACE, _SPIKE = "^", "SPIKE"
_BEATS = MappingProxyType({beat.number: beat for beat in BEATS})
_BEAT_SYMBOLS = frozenset(beat.symbol for beat in BEATS)
_MNEMONICS = frozenset(SYMBOLS.values())


def mark_of(code: str, scheme: str, meaning: str) -> tuple[str, str]:
    """Return the mnemonic of a code, and a note where it says less.

    >>> mark_of("10:8336", "MDC", "Ventricular premature contraction beat")
    ('V', '')
    >>> mark_of("10:576", "MDC", "R wave")
    ('"', 'R wave')
    """
    if scheme == OWN_SCHEME and code in _MNEMONICS:
        return code, ""
    if scheme.startswith("SCP") and code in _SCP:
        symbol = _SCP[code]
        return symbol, "" if symbol == "Q" else meaning
    found = _MDC_CODE.fullmatch(code) if scheme == MDC_SCHEME else None
    if found is None:
        return NOTE, meaning
    # CID 3335 gives spikes of defibrillators numbers that 11073-10102 gives beats.
    if _SPIKE in meaning.upper():
        return _PACE if "PACE" in meaning.upper() else NOTE, meaning
    number = int(found[1])
    if number in _WAVES:
        return _WAVES[number], "" if number in _SAYS_ALL else meaning
    beat = _BEATS.get(number)
    return (beat.symbol, meaning if beat.note else "") if beat is not None else (NOTE, meaning)


def is_beat(symbol: str) -> bool:
    """Tell whether a mnemonic marks a heartbeat."""
    return symbol in _BEAT_SYMBOLS


def code_of(symbol: str) -> tuple[str, str, str]:
    """Return code, scheme and meaning of a mnemonic.

    >>> code_of("V"), code_of("+")
    (('10:8336', 'MDC', 'Ventricular premature contraction beat'), ('+', '99WFDB', 'Rhythm change'))
    """
    beat = beat_of_symbol(symbol)
    if beat is not None:
        return f"10:{beat.number}", MDC_SCHEME, _MEANINGS[symbol]
    number = next((number for number in sorted(_SAYS_ALL) if _WAVES[number] == symbol), None)
    if number is not None:
        return f"10:{number}", MDC_SCHEME, _MEANINGS[symbol]
    return symbol, OWN_SCHEME, _MEANINGS.get(symbol, f"WFDB annotation {symbol}")


_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "N": "Normal beat (sinus beat, normal conduction)",
        "S": "Supraventricular premature contraction",
        "A": "Atrial premature contraction (beat)",
        "J": "Junctional (nodal) premature contraction",
        "a": "Aberrated atrial premature beat (Ashman beat)",
        "x": "Non-conducted p-wave (blocked)",
        "V": "Ventricular premature contraction beat",
        "F": "Fusion of ventricular and normal beat",
        "r": "R-on-T premature ventricular beat",
        "n": "Supraventricular escape beat",
        "e": "Atrial escape beat",
        "j": "Junctional (nodal) escape beat",
        "E": "Ventricular escape beat",
        "B": "Bundle branch block beat",
        "L": "Left bundle branch block beat",
        "R": "Right bundle branch block beat",
        "/": "Paced beat",
        "f": "Pacemaker Fusion beat",
        "Q": "Unclassifiable beat",
        "?": "Pacemaker Learning beat",
        "p": "P wave",
        "t": "T wave",
        "u": "U wave",
        "!": "Ventricular flutter wave",
        "'": "J-point",
        "|": "Isolated QRS-like artifact",
        "+": "Rhythm change",
        "~": "Change in signal quality",
        "s": "ST change",
        "T": "T-wave change",
        "^": "Pacemaker artifact",
        "(": "Waveform onset",
        ")": "Waveform end",
        "[": "Start of ventricular flutter or fibrillation",
        "]": "End of ventricular flutter or fibrillation",
        "`": "PQ junction",
        "*": "Systole",
        "D": "Diastole",
        "=": "Measurement",
        "@": "Link to external data",
        NOTE: "Comment",
    }
)
"""Code meanings: those of CID 3335, and of WFDB's ecgcodes.h for the others."""

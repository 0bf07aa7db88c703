"""Codes of leads and heartbeats of the medical device nomenclature (MDC), which HL7 aECG and DICOM use.

Sources: ISO/IEEE 11073-10101, table of ECG leads, and 11073-10102, for heartbeats; as reprinted in DICOM
PS3.16, CID 3001 and CID 3335. SCP-ECG (EN 1064, section 3) numbers the leads in the same way.
Differences: the nomenclature has more kinds of beats than WFDB; `Beat.note` keeps what a mnemonic cannot say.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from einthoven.record import lead_name

LEAD_PREFIX = "MDC_ECG_LEAD_"
BEAT_PREFIX = "MDC_ECG_BEAT"

_LEADS = """
    CONFIG I II V1 V2 V3 V4 V5 V6 V7 V2R V3R V4R V5R V6R V7R X Y Z CC5 CM5 LA RA LL fI fE fC fA fM fF fH
    dI dII dV1 dV2 dV3 dV4 dV5 dV6 dV7 dV2R dV3R dV4R dV5R dV6R dV7R dX dY dZ dCC5 dCM5 dLA dRA dLL
    dfI dfE dfC dfA dfM dfF dfH
    III AVR AVL AVF AVRneg V8 V9 V8R V9R D A J Defib Extern A1 A2 A3 A4 dV8 dV9 dV8R dV9R dD dA dJ
    C V VR VL VF MCL MCL1 MCL2 MCL3 MCL4 MCL5 MCL6 CC CC1 CC2 CC3 CC4 CC6 CC7 CM CM1 CM2 CM3 CM4 CM6
    dIII dAVR dAVL dAVF dAVRneg dC dV dVR dVL dVF CM7 CH5 CS5 CB5 CR5 ML AB1 AB2 AB3 AB4 ES AS AI S
    dDefib dExtern dA1 dA2 dA3 dA4 dMCL1 dMCL2 dMCL3 dMCL4 dMCL5 dMCL6 RL CV5RL CV6LL CV6LU V10
    dMCL dCC dCC1 dCC2 dCC3 dCC4 dCC6 dCC7 dCM dCM1 dCM2 dCM3 dCM4 dCM6 dCM7 dCH5 dCS5 dCB5 dCR5 dML
    dAB1 dAB2 dAB3 dAB4 dES dAS dAI dS dRL dCV5RL dCV6LL dCV6LU dV10
"""
"""In the order of their numbers, 0 to 184."""

_BEATS = (
    ("", "Q"),
    ("NORMAL", "N"),
    ("ABNORMAL", "Q"),
    ("DOMINANT", "Q"),
    ("SV_P_C", "S"),
    ("ATR_P_C", "A"),
    ("JUNC_P_C", "J"),
    ("ATR_P_C_ABERR", "a"),
    ("ATR_PWAVE_BLK", "x"),
    ("V_P_C", "V"),
    ("V_P_C_FUSION", "F"),
    ("V_P_C_RonT", "r"),
    ("SV_ESC", "n"),
    ("ATR_ESC", "e"),
    ("JUNC_ESC", "j"),
    ("V_ESC", "E"),
    ("BB_BLK", "B"),
    ("LBB_BLK_COMP", "L"),
    ("LBB_BLK_INCOMP", "L"),
    ("RBB_BLK_COMP", "R"),
    ("RBB_BLK_INCOMP", "R"),
    ("BLK_ANT_L_HEMI", "B"),
    ("BLK_POS_L_HEMI", "B"),
    ("BLK_BIFASC", "B"),
    ("BLK_TRIFASC", "B"),
    ("BLK_BILAT", "B"),
    ("BLK_IVCD", "B"),
    ("PREX", "N"),
    ("WPW_UNK", "N"),
    ("WPW_A", "N"),
    ("WPW_B", "N"),
    ("LGL", "N"),
    ("PACED", "/"),
    ("PACED_FUS", "f"),
    ("UNKNOWN", "Q"),
    ("LEARN", "?"),
)
"""What follows `MDC_ECG_BEAT_`, in the order of the numbers, and the WFDB mnemonic that comes nearest."""
_SAME = MappingProxyType(
    {
        "N": "NORMAL",
        "S": "SV_P_C",
        "B": "BB_BLK",
        "L": "LBB_BLK_COMP",
        "R": "RBB_BLK_COMP",
        "Q": "UNKNOWN",
    }
    | {symbol: beat for beat, symbol in _BEATS if symbol not in "NSBLRQ"}
)
"""WFDB mnemonic to the beat that means just that."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead of the nomenclature.

    number : the code within partition 2 of MDC, and the lead's number in SCP-ECG
    reference : such as `MDC_ECG_LEAD_AVR`
    name : the field's usual one, such as `aVR`; of the lead `unspecified` it is empty
    is_derived : whether it was computed from other leads
    """

    number: int
    reference: str
    name: str
    is_derived: bool


@dataclass(frozen=True, slots=True)
class Beat:
    """A kind of heartbeat of the nomenclature.

    number : the code within partition 10 of MDC
    reference : such as `MDC_ECG_BEAT_V_P_C`
    symbol : WFDB mnemonic
    note : the reference's last words where the mnemonic says less or something else; otherwise empty
    """

    number: int
    reference: str
    symbol: str
    note: str


def _lead(number: int, code: str) -> Lead:
    is_derived = code.startswith("d")
    plain = code.removeprefix("d")
    name = {"CONFIG": "", "AVRneg": "-aVR"}.get(plain, plain)
    return Lead(number, f"{LEAD_PREFIX}{code}", lead_name(name), is_derived)


def _beat(position: int, code: str, symbol: str) -> Beat:
    reference = f"{BEAT_PREFIX}_{code}" if code else BEAT_PREFIX
    return Beat(8192 + 16 * position, reference, symbol, "" if _SAME.get(symbol) == code else reference)


LEADS = tuple(_lead(number, code) for number, code in enumerate(_LEADS.split()))
"""All leads by their numbers."""
BEATS = tuple(_beat(position, *beat) for position, beat in enumerate(_BEATS))
"""All kinds of beats in the order of their numbers."""

_BY_CODE = MappingProxyType({lead.reference.removeprefix(LEAD_PREFIX).upper(): lead for lead in LEADS})
_BY_NAME = MappingProxyType(
    {lead.name: lead for lead in reversed(LEADS) if lead.name and not lead.is_derived}
)
_BEAT_OF_CODE = MappingProxyType({beat.reference.upper(): beat for beat in BEATS})
_BEAT_OF_SYMBOL = MappingProxyType({beat.symbol: beat for beat in BEATS if not beat.note})


def lead_of_number(number: int) -> Lead | None:
    """Return the lead of a number, or None if it is none that is known.

    >>> [lead.name for lead in (lead_of_number(61), lead_of_number(65)) if lead]
    ['III', '-aVR']
    """
    return LEADS[number] if 0 <= number < len(LEADS) else None


def lead_of_reference(reference: str) -> Lead | None:
    """Return the lead of a reference, in capital letters or small ones; None if it is none that is known.

    >>> lead_of_reference("MDC_ECG_LEAD_V3R").number
    11
    """
    key = reference.strip().upper()
    return _BY_CODE.get(key.removeprefix(LEAD_PREFIX)) if key.startswith(LEAD_PREFIX) else None


def lead_of_name(name: str) -> Lead | None:
    """Return the lead, not a derived one, of a usual name; None if the nomenclature has none.

    >>> lead_of_name("aVF").reference, lead_of_name("MLII")
    ('MDC_ECG_LEAD_AVF', None)
    """
    return _BY_NAME.get(lead_name(name))


def beat_of_reference(reference: str) -> Beat | None:
    """Return the kind of beat of a reference, or None.

    >>> beat_of_reference("MDC_ECG_BEAT_V_P_C").symbol
    'V'
    """
    return _BEAT_OF_CODE.get(reference.strip().upper())


def beat_of_symbol(symbol: str) -> Beat | None:
    """Return the kind of beat that means what a WFDB mnemonic means, or None.

    >>> beat_of_symbol("/").reference
    'MDC_ECG_BEAT_PACED'
    """
    return _BEAT_OF_SYMBOL.get(symbol)

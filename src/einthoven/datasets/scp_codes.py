"""Which SCP-ECG statements of PTB-XL surely mean a diagnosis that the PhysioNet/CinC Challenge 2020 scores.

By meaning: the wording in scp_statements.csv against the challenge's names of its codes. Of what is not sure
docs/datasets.md has the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from einthoven.metrics.cinc2020 import CLASSES, class_places

SNOMED_CODES: Mapping[str, str] = MappingProxyType(
    {
        "1AVB": "270492004",  # first degree AV block
        "AFIB": "164889003",  # atrial fibrillation
        "AFLT": "164890007",  # atrial flutter
        "CLBBB": "164909002",  # complete left bundle branch block
        "CRBBB": "713427006",  # complete right bundle branch block
        "INVT": "59931005",  # inverted T-waves
        "IRBBB": "713426002",  # incomplete right bundle branch block
        "IVCD": "698252002",  # non-specific intraventricular conduction disturbance (block)
        "LAFB": "445118002",  # left anterior fascicular block
        "LNGQT": "111975006",  # long QT-interval
        "LPR": "164947007",  # prolonged PR interval
        "LVOLT": "251146004",  # low QRS voltages in the frontal and horizontal leads
        "NDT": "164934002",  # non-diagnostic T abnormalities
        "NT_": "164934002",  # non-specific T-wave changes
        "PAC": "284470004",  # atrial premature complex
        "PACE": "10370003",  # normal functioning artificial pacemaker
        "PVC": "427172004",  # ventricular premature complex
        "QWAVE": "164917005",  # Q waves present
        "SARRH": "427393009",  # sinus arrhythmia
        "SBRAD": "426177001",  # sinus bradycardia
        "SR": "426783006",  # sinus rhythm
        "STACH": "427084000",  # sinus tachycardia
        "TAB_": "164934002",  # T-wave abnormality
    }
)
"""SCP statement -> SNOMED CT code of the challenge."""

AXIS = "heart_axis"
AXIS_CODES: Mapping[str, str] = MappingProxyType(
    {"LAD": "39732003", "ALAD": "39732003", "RAD": "47665007", "ARAD": "47665007"}
)
"""Value of the column heart_axis, left or right deviation, extreme or not -> SNOMED CT code."""


def challenge_classes() -> dict[str, str]:
    """Return the class of the challenge that each statement, or value of heart_axis, means.

    >>> [challenge_classes()[name] for name in ("CRBBB", "NDT", "ALAD")]
    ['RBBB', 'TAb', 'LAD']
    """
    codes = {**SNOMED_CODES, **AXIS_CODES}
    places = class_places(list(codes.values()))
    return {name: CLASSES[place] for name, place in zip(codes, places, strict=True)}

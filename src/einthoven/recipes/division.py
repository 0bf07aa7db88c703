"""How the recipes of heartbeats divide them: at random or by patient, and how that is said."""

from einthoven.training.protocol import Protocol, SplitBy

RANDOM = "random"
"""The split that deals beats, whoever the patient."""


def split_by(split: str) -> SplitBy:
    """Return what a split deals to its sides.

    >>> split_by("random"), split_by("inter-patient")
    ('beat', 'patient')
    """
    return "beat" if split == RANDOM else "patient"


def in_words(protocol: Protocol, given: str, by_patient: str) -> str:
    """Say which beats a protocol uses, and what keeps its sides apart.

    given : what the R peaks are that the cut does not find itself: "annotated" or "detected"
    by_patient : what keeps the sides apart where patients are dealt
    """
    beats = "found" if protocol.cut is not None and protocol.cut.finds_rpeaks else given
    if protocol.split_by == "beat":
        return f"{beats} beats, intra-patient: one patient's beats are on both sides"
    return f"{beats} beats, {by_patient}"

"""What the recipes of twelve leads share: the leads, and changes that leave the diagnoses true."""

from einthoven.bundle.model import Label
from einthoven.metrics.cinc2020 import SCORED_CLASSES
from einthoven.training.augmentation import BaselineWander, Gain, WhiteNoise

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

# Amplitudes are in mV.
NOISE = (
    Gain(0.8, 1.25),
    WhiteNoise(0.05, probability=0.5),
    BaselineWander(0.2, 0.1, 0.6, probability=0.5),
)
"""Noise augmentation, which Shahid et al. name as future work."""

CHALLENGE_LABELS = tuple(
    Label(scored.abbreviations[0], scored.name, scored.codes[0]) for scored in SCORED_CLASSES
)
"""The 24 classes of the CinC Challenge 2020, with SNOMED CT codes."""

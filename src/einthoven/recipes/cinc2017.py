"""What a model that learnt from the PhysioNet/CinC Challenge 2017 owes its users: meanings, source, limits.

Source: Clifford et al. 2017, doi:10.22489/CinC.2017.065-469, section 2.
"""

from einthoven.bundle.model import Label
from einthoven.recipes.recipe import NO_DEVICE

LABELS = (
    Label("N", "normal sinus rhythm", "426783006"),
    Label("A", "atrial fibrillation", "164889003"),
    Label("O", "other rhythm"),
    Label("~", "too noisy to classify"),
)
"""Its classes, with the SNOMED CT codes of those that have one."""

CLASSES = tuple(label.name for label in LABELS)
SCORED = ("N", "A", "O")
"""Classes whose F1 scores the challenge averages."""

N_PUBLISHED = 8528
"""Recordings of its training set, which are all that were published with their labels."""

ATTRIBUTION = (
    "PhysioNet/Computing in Cardiology Challenge 2017: G. D. Clifford, C. Liu, B. Moody, L. H. Lehman, "
    "I. Silva, Q. Li, A. E. Johnson, R. G. Mark: AF Classification from a Short Single Lead ECG Recording, "
    "Computing in Cardiology 2017, https://doi.org/10.22489/CinC.2017.065-469. The recordings are published "
    "under the Open Data Commons Attribution License 1.0 (ODC-BY 1.0); none of them is in the model's file."
)

LIMITS = (
    "It learnt from recordings of 9 to 61 s of a single lead, made with one hand-held device (AliveCor): "
    "on other devices, leads, lengths and populations its figures are not known to hold.",
    "The data set publishes no patient ids, so the folds are by recording: two recordings of one patient may "
    "lie on both sides of a split, which flatters the figures.",
    "The data set tells neither age, sex nor illnesses of its patients: whether the model is as good for all "
    "of them is not known.",
    '"Other rhythm" is a bag of many rhythms: the model does not say which, and cannot know one that is not '
    "in the bag.",
    "The challenge's labels are partly uncertain: experts disagree on some recordings, and labels were "
    "revised while the challenge ran.",
    NO_DEVICE,
)

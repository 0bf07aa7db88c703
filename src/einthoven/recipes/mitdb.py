"""What recipes share that learn heartbeats from the MIT-BIH Arrhythmia Database: classes, splits, figures.

Source: Moody and Mark 2001, doi:10.1109/51.932724; what was published on it: `TABLES`.
"""

from einthoven.bundle.model import Label
from einthoven.recipes.division import RANDOM, in_words
from einthoven.recipes.recipe import ExpectedRow, ExpectedTable
from einthoven.training.protocol import Protocol

LABELS = (
    Label("N", "normal beat, bundle branch block or escape beat"),
    Label("S", "supraventricular ectopic beat"),
    Label("V", "ventricular ectopic beat"),
    Label("F", "fusion of a ventricular and a normal beat"),
    Label("Q", "paced or unclassifiable beat"),
)
"""ANSI/AAMI EC57; which annotation is which: `einthoven.aami.AAMI`."""

CLASSES = tuple(label.name for label in LABELS)

ATTRIBUTION = (
    "MIT-BIH Arrhythmia Database: G. B. Moody, R. G. Mark: The impact of the MIT-BIH Arrhythmia Database, "
    "IEEE Engineering in Medicine and Biology 20(3), 2001, https://doi.org/10.1109/51.932724. The recordings "
    "are published under the Open Data Commons Attribution License 1.0 (ODC-BY 1.0); none of them is in the "
    "model's file."
)

DS2_TESTS = 1
"""The fold of the two inter-patient splits that trains on DS1 and tests on DS2."""

TABLES = (
    ExpectedTable(
        "Published, beats split at random",
        CLASSES,
        (
            ExpectedRow("Kachuee et al. 2018, on a balanced test set", accuracy=93.4),
            ExpectedRow("its public program, plain", accuracy=98.74),
            ExpectedRow("its public program, class-weighted", accuracy=97.26, balanced_accuracy=93.8),
        ),
    ),
    ExpectedTable(
        "Published, DS1 to DS2 with 201",
        CLASSES,
        (
            ExpectedRow(
                "de Chazal et al. 2004",
                recall=(None, 75.9, 77.7, None, None),
                precision=(None, 38.5, 81.9, None, None),
            ),
            ExpectedRow("Mondéjar-Guerra et al. 2019, SVM ensemble", accuracy=94.5, balanced_accuracy=70.3),
            ExpectedRow(
                "Mousavi and Afghah 2018, sequence to sequence (not replicated here)",
                f1=(None, 90.7, 99.7, None, None),
            ),
        ),
        folds=(DS2_TESTS,),
    ),
)
ROWS = tuple(row.name for table in TABLES for row in table.rows)


def part_of(split: str) -> str:
    """Return the part of the database that a split divides; all of it is dealt at random.

    >>> part_of("random"), part_of("inter-patient")
    ('', 'inter-patient')
    """
    return "" if split == RANDOM else split


def table_of(protocol: Protocol) -> int | None:
    """Return the position in `TABLES` of what was published for a protocol's split, or None."""
    if protocol.split_by == "beat":
        return 0 if not protocol.part else None
    return 1 if protocol.part in ("inter-patient", "inter-patient-classical") else None


def fold_of(protocol: Protocol) -> int:
    """Return the fold that tests unless another is asked for: DS2 where the sides are DS1 and DS2."""
    return DS2_TESTS if table_of(protocol) == 1 else 0


def division(protocol: Protocol) -> str:
    """Say which beats a protocol uses, and what keeps its sides apart."""
    shared = " but for 201 and 202, of one patient" if protocol.part == "inter-patient-classical" else ""
    return in_words(protocol, "annotated", f"inter-patient{shared}")

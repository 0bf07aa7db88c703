"""How irregular rhythms are: what `einthoven.inference.unexplained_rhythm` takes its limit from.

`EINTHOVEN_DATA=DIR python -m bench.irregular` looks at the data set twelve-leads below DIR.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from einthoven import load
from einthoven.datasets import Dataset, open_data
from einthoven.inference.unexplained_rhythm import rr_change
from einthoven.recipes.twelve_leads import LEADS
from einthoven.signal.rpeaks import find_rpeaks

LIMITS = (0.06, 0.08, 0.1, 0.12, 0.15)
IRREGULAR = {"AF", "AFL", "SA", "PAC", "PVC"}


def main() -> None:
    """Print the share of recordings above each limit, by what they are labelled with."""
    dataset = open_data(Path(os.environ["EINTHOVEN_DATA"]), "twelve-leads")
    changes = []
    for index in range(len(dataset)):
        record = dataset.read(index).for_model(LEADS, may_lack=True)
        found = rr_change(find_rpeaks(record.signal, record.fs, warn=False))
        changes.append(np.nan if found is None else found)
    values, labels = np.array(changes), [set(entry.labels) for entry in dataset.entries]
    groups = {name: [name in own for own in labels] for name in ("AF", "AFL", "SA")}
    groups["sinus rhythm without any of these, PAC or PVC"] = [
        "NSR" in own and not own & IRREGULAR for own in labels
    ]
    print("| recordings | n |", " | ".join(f"above {limit}" for limit in LIMITS), "|")
    print("| --- |" + " --- |" * (len(LIMITS) + 1))
    for name, members in groups.items():
        own = values[np.array(members)]
        shares = " | ".join(f"{100 * np.mean(own > limit):.1f} %" for limit in LIMITS)
        print(f"| {name} | {len(own)} | {shares} |")
    _count_doubts(dataset)


def _count_doubts(dataset: Dataset) -> None:
    """Print how many recordings the shipped model is not sure of for this alone, and their labels."""
    model, found = load("ecg12", threads=1), []
    for index, entry in enumerate(dataset.entries):
        answer = model.predict(dataset.read(index))
        if "does not fit" in (answer.abstain_reason or ""):
            found.append(set(entry.labels))
    counts = {name: sum(name in own for own in found) for name in sorted(IRREGULAR)}
    print(f"not sure for this: {len(found)} of {len(dataset)}, of which {counts}")


if __name__ == "__main__":
    main()

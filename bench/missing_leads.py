"""What the fold networks of a twelve-lead run are worth with fewer leads, each on what it had not seen.

`EINTHOVEN_DATA=DIR python -m bench.missing_leads RUN...` takes finished runs of one protocol, one a fold,
whose data set lies below DIR.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import torch

from einthoven.datasets import open_data
from einthoven.metrics import ranking_table
from einthoven.training.class_groups import class_groups, ranking_of_groups
from einthoven.training.run_folder import Run, open_run

LIMBS = ("I", "II", "III", "aVR", "aVL", "aVF")
CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
KEPT = {
    "all twelve": (*LIMBS, *CHEST),
    "I, II, III, aVR, aVL, aVF, V1, V5": (*LIMBS, "V1", "V5"),
    "the six limb leads": LIMBS,
    "V1 to V6": CHEST,
    "I alone": ("I",),
}
BATCH = 64


@torch.no_grad()
def logits_with(run: Run, signals: dict[str, np.ndarray], kept: tuple[str, ...]) -> np.ndarray:
    """Return the logits of a run's test part, with zeros in place of all leads but some."""
    network, leads = run.network(), run.protocol.leads
    scores = run.scores().part("test")
    found = np.zeros(scores.logits.shape)
    off = [row for row, name in enumerate(leads) if name not in kept]
    for start in range(0, len(scores.record_ids), BATCH):
        rows = range(start, min(start + BATCH, len(scores.record_ids)))
        own = [signals[scores.record_ids[row]].copy() for row in rows]
        x = np.zeros((len(own), len(leads), max(one.shape[1] for one in own)), np.float32)
        for row, one in zip(x, own, strict=True):
            one[off] = 0
            row[:, : one.shape[1]] = one
        lengths = torch.tensor([one.shape[1] for one in own])
        found[list(rows)] = network(torch.from_numpy(x), lengths).numpy()
    return found


def main() -> None:
    """Print the macro AUROC of groups of classes for each set of leads."""
    runs = [open_run(folder) for folder in sys.argv[1:]]
    protocol = runs[0].protocol
    dataset = open_data(Path(os.environ["EINTHOVEN_DATA"]), runs[0].settings["dataset"]["name"])
    signals = {}
    for index, name in enumerate(dataset.record_ids):
        record = dataset.read(index).for_model(protocol.leads, may_lack=True)
        signals[name] = np.asarray(protocol.pipeline(record.signal, record.fs)[0], np.float32)
    parts = [run.scores().part("test") for run in runs]
    truth = np.concatenate([part.truth for part in parts])
    patients = np.concatenate([part.groups() for part in parts])
    print("| leads | classes | macro AUROC |\n| --- | --- | --- |")
    for name, kept in KEPT.items():
        logits = np.concatenate([logits_with(run, signals, kept) for run in runs])
        support = ranking_table(truth, logits, protocol.classes, n=1).support
        groups = class_groups(protocol.classes, support, [True] * len(support))
        for group in ranking_of_groups(groups, truth, logits, patients=patients, n=1000):
            print(f"| {name} | {group.name}, {len(group.classes)} | {group.means['AUROC']} |", flush=True)


if __name__ == "__main__":
    main()

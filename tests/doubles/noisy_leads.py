"""Twelve leads of noise with made-up labels, any number a recording, and a protocol small enough to train."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.networks import TwelveLeadCNN
from einthoven.pipeline import FillMissing, Pipeline
from einthoven.recipes import RECIPES
from einthoven.recipes.twelve_leads import LEADS
from einthoven.record import Record
from einthoven.training.protocol import Phase, Protocol

CLASSES = ("NSR", "AF", "PVC", "LBBB")
"""Of the CinC Challenge 2020; the last one is nobody's."""
FS, N_SAMPLES = 100.0, 600


@dataclass(frozen=True)
class NoiseReader:
    """Read noise that is louder with AF, and has a step in V1 with PVC."""

    seed: int = 0

    def __call__(self, entry: Entry) -> Record:
        rng = np.random.default_rng([self.seed, int(entry.record_id[1:])])
        signal = rng.standard_normal((12, N_SAMPLES)) * (0.4 if "AF" in entry.labels else 0.15)
        if "PVC" in entry.labels:
            signal[6, 200:400] += 0.8
        return Record(signal.astype(np.float32), FS, LEADS, name=entry.record_id)


def noisy_dataset(n: int = 60, classes: Sequence[str] = CLASSES, seed: int = 0) -> Dataset:
    """Return recordings of patients with two each, four of every ten with AF, one of three with PVC.

    Of every seventh nobody judged whether it has PVC.
    """
    entries = []
    for index in range(n):
        has_af, has_pvc = index % 5 < 2, index % 3 == 0
        labels = ("AF",) if has_af else ("NSR",)
        is_judged = index % 7 != 6
        labels += ("PVC",) if has_pvc and is_judged else ()
        entries.append(
            Entry(
                f"r{index:03d}",
                tuple(name for name in labels if name in classes),
                patient=f"p{index // 2}",
                source="ab"[index % 2],
                unjudged=() if is_judged or "PVC" not in classes else ("PVC",),
            )
        )
    return Dataset("noise", tuple(classes), tuple(entries), NoiseReader(seed))


def noisy_protocol(recipe: str = "shahid2020-cnn", **changes: object) -> Protocol:
    """Return the protocol of a recipe for this noise: four classes, a few hundred weights, two epochs."""
    protocol = RECIPES[recipe].protocol("cpu")
    phase = Phase(epochs=2, learning_rate=1e-2, monitor="loss", patience=3)
    settings = {
        "classes": CLASSES,
        "pipeline": Pipeline((FillMissing(),)),
        "augment_after": 1,
        "augmentations": (),
        "network": TwelveLeadCNN(widths=(4, 4), dense=6, dropout=0.0),
        "phases": (phase,),
        "batch_size": 12,
        "n_folds": 3,
        **changes,
    }
    return replace(protocol, **settings)  # type: ignore[arg-type]

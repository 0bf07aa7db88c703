"""A model of twelve leads that gives any number of classes, whose answers anyone can work out by hand."""

from pathlib import Path

import numpy as np
import pytest
from sum_network import sum_network

from einthoven.bundle import Bundle, Golden, InputSpec, Label, write_bundle
from einthoven.decisions import sigmoid
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.simulated import simulate

THRESHOLDS = {"AF": 0.5, "PAC": 0.4, "NSR": 0.5, "MI": 0.3}
AT_REST = (-2.0, -3.0, 1.0, -2.0)
"""Logits of a recording whose lead I has a mean of 0 mV;"""
A_MV = (2.0, 2.0, -2.0, 0.0)
"""what each mV more adds in ten seconds."""
FS, DURATION_S = 100.0, 10.0


def twelve_lead_bundle(name: str = "tiny12") -> Bundle:
    """Return a model of AF, PAC, NSR and MI: NSR at 0 mV, none at 0.75 mV, AF and PAC at 2 mV of lead I."""
    n = round(FS * DURATION_S)
    weights = np.zeros((12, 1))
    weights[0] = 1 / n
    return Bundle(
        name=name,
        version="0.1",
        task="any of four diagnoses",
        labels=(
            Label("AF", "atrial fibrillation", "164889003"),
            Label("PAC", "premature atrial contraction", "284470004"),
            Label("NSR", "normal sinus rhythm", "426783006"),
            Label("MI", "myocardial infarction"),
        ),
        pipeline=({"step": "FillMissing"}, {"step": "Resample", "fs": FS}),
        input=InputSpec(FS, TWELVE_LEADS, 5.0, 600.0, may_lack_leads=True),
        networks=(sum_network(weights, A_MV, AT_REST),),
        golden=Golden(np.zeros((12, n), np.float32), FS, sigmoid(AT_REST).astype(np.float32)),
        single_label=False,
        thresholds=tuple(THRESHOLDS.values()),
    )


def shifted(mv: float, *, leads: tuple[str, ...] = TWELVE_LEADS, name: str = "r", seed: int = 1) -> Record:
    """Return ten seconds of sinus rhythm whose leads all have this mean, mV."""
    made = simulate("normal", duration_s=DURATION_S, fs=FS, leads=leads, seed=seed)
    signal = made.signal - made.signal.mean(axis=1, keepdims=True) + np.float32(mv)
    return Record(signal, FS, leads, name=name)


def ship(monkeypatch: pytest.MonkeyPatch, folder: Path, *bundles: Bundle) -> None:
    """Make these the models of the package."""
    for bundle in bundles:
        write_bundle(bundle, folder / f"{bundle.name}.einthoven")
    monkeypatch.setattr("einthoven.inference.shipped.files", lambda _: folder)

"""A bundle that states everything a card can hold, with figures that nobody measured."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from several_labels import twelve_lead_bundle

from einthoven.bundle import Bundle
from einthoven.training.ancestry import Ancestry, Seen


def _score(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def network(fold: int | None, n_train: int, digest: str, **others: Any) -> dict[str, Any]:
    """What a provenance says of one network."""
    epochs = [["joint", 18]]
    return {"fold": fold, "seed": 3, "epochs": epochs, "n_train": n_train, "weights_sha256": digest, **others}


@pytest.fixture
def facts() -> dict[str, Any]:
    """A provenance: a network that learnt from all 1,200 recordings, judged by three fold networks."""
    table = {
        "classes": ["N", "A", "O", "~"],
        "support": [700, 100, 350, 50],
        "f1": [_score(0.91), _score(0.82), _score(0.76), {"value": None, "low": None, "high": None}],
        "recall": [_score(0.94), _score(0.86), _score(0.71), _score(0.58)],
        "accuracy": _score(0.857),
        "f1_average": _score(0.831),
        "averaged": ["N", "A", "O"],
        "confusion": [[661, 9, 28, 2], [3, 86, 9, 2], [61, 22, 249, 18], [12, 2, 7, 29]],
        "resampled": "records",
    }
    reliability = {
        "edges": [0.0, 0.25, 0.5, 0.75, 1.0],
        "counts": [0, 100, 300, 800],
        "confidence": [None, 0.41, 0.66, 0.93],
        "accuracy": [None, 0.37, 0.71, 0.95],
    }
    coverages = [
        {"target": 1.0, "threshold": 0.0, "coverage": 1.0, "n_answered": 1200, "accuracy": 0.857,
         "f1_average": 0.831},
        {"target": 0.5, "threshold": 0.934, "coverage": 0.5, "n_answered": 600, "accuracy": 0.977,
         "f1_average": None},
    ]  # fmt: skip
    return {
        "recipe": "rhythm",
        "budget": "cpu",
        "dataset": {"name": "cinc2017", "n_records": 1200, "fingerprint": "f" * 64},
        "simulated": False,
        "split": {"split": "cross-validation", "n_folds": 3, "split_seed": 7, "by": "recording"},
        "training": {
            "network": {"network": "rhythm", "recurrent": 64},
            "phases": [{"name": "joint", "epochs": 18, "head": None}],
            "augmentations": [{"augmentation": "Crop", "max_s": 30.0}],
            "batch_size": 32,
            "teacher_weight": 0.5,
        },
        "networks": [network(None, 1200, "a" * 64, n_parameters=866437, trained_s=[9.0, 30.0, 60.9])],
        "judged_by": [network(fold, 800, str(fold) * 64) for fold in range(3)],
        "judges_differ_in": [],
        "versions": {"einthoven": "0.1.0", "torch": "2.13.0+cpu"},
        "held_out": {
            "part": "test", "folds": [0, 1, 2], "n_folds": 3, "calibration_error": 0.049, "brier": 0.214,
            "table": table,
        },
        "calibrated": {
            "calibration_error": 0.027, "brier": 0.213, "reliability": reliability, "coverages": coverages,
        },
        "limits": ["It knows one device only.", "Labels are <uncertain> | partly."],
        "attribution": "Somebody 2017, ODC-BY 1.0",
    }  # fmt: skip


@pytest.fixture
def measured(tiny_bundle: Bundle, facts: dict[str, Any]) -> Bundle:
    """The tiny model with these facts."""
    return replace(tiny_bundle, provenance=facts)


def _tested(way: str, **changes: Any) -> dict[str, Any]:
    of_classes = {name: _score(0.9 - 0.1 * k) for k, name in enumerate("NSV")}
    unknown = {name: {"value": None, "low": None, "high": None} for name in "FQ"}
    scores = {name: {**of_classes, **unknown} for name in ("recall", "precision", "false positive rate")}
    scores |= {f"{name} (EC57)": scores[name] for name in ("precision", "false positive rate")}
    scores["F1"] = scores["F1 (EC57)"] = {**of_classes, **unknown, "overall": _score(0.5)}
    scores["recall"] = {**scores["recall"], "overall": _score(0.95)}
    scores["balanced accuracy"] = {"overall": _score(0.6)}
    confusion = [[900, 3, 2, 0, 0, 0], [20, 70, 1, 0, 0, 0], [4, 0, 60, 1, 0, 0]]
    confusion += [[0, 0, 5, 2, 0, 0], [1, 0, 0, 0, 0, 0], [0] * 6]
    return {
        "dataset": "mitdb",
        "kind": "public",
        "part": "ds2",
        "way": way,
        "looks": 1,
        "seen": [],
        "same_patient": [],
        "failed": {},
        "n_records": 1069,
        "n_recordings": 22,
        "n_patients": 22,
        "coverage": 0.93,
        "sure_accuracy": 0.99,
        "calibration_error": 0.012,
        "brier": 0.034,
        "classes": ["N", "S", "V", "F", "Q", "none"],
        "confusion": confusion,
        "scores": scores,
        "command": "einthoven evaluate --model tiny-beats --data FOLDER --part ds2",
        **changes,
    }


@pytest.fixture
def tested() -> Callable[..., dict[str, Any]]:
    """Makes what a provenance states of a test, by its way."""
    return _tested


@pytest.fixture
def beat_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """A provenance of heartbeats: three fold networks that answer together, and were judged one by one."""
    f1 = [_score(0.97), _score(0.48), _score(0.81), _score(0.0), {"value": None, "low": None, "high": None}]
    table = {
        "classes": list("NSVFQ"),
        "support": [1000, 100, 90, 10, 0],
        "f1": f1,
        "recall": f1,
        "precision": f1,
        "accuracy": _score(0.94),
        "f1_average": _score(0.565),
        "balanced_accuracy": _score(0.61),
        "averaged": list("NSVFQ"),
        "confusion": [[980, 12, 8, 0, 0], [50, 45, 5, 0, 0], [10, 4, 76, 0, 0], [2, 0, 8, 0, 0], [0] * 5],
        "resampled": "patients",
    }
    judges = [network(fold, 800 + fold, str(fold) * 64, trained_s=[1.2, 1.2, 1.2]) for fold in range(3)]
    seen = Seen("mitdb", "public", "f" * 64, 1200, "trained", frozenset(map(str, range(21))))
    return {
        **facts,
        "recipe": "beats",
        "dataset": {"name": "mitdb", "kind": "public", "n_records": 1200, "fingerprint": "f" * 64},
        "learnt_from": Ancestry((seen,)).to_json(),
        "split": {**facts["split"], "by": "patient", "part": "ds1"},
        "training": {**facts["training"], "cut": {"cut": "AroundRPeaks", "training": True}},
        "networks": judges,
        "judged_by": judges,
        "held_out": {**facts["held_out"], "table": table, "n_recordings": 21, "n_patients": 20},
    }


@pytest.fixture
def named(tiny_beats: Bundle, beat_facts: dict[str, Any]) -> Bundle:
    """The tiny model of heartbeats with these facts, as three networks."""
    return replace(tiny_beats, provenance=beat_facts, networks=tiny_beats.networks * 3)


UNKNOWN = {"value": None, "low": None, "high": None}


def _label_head(name: str, areas: list[Any], f1: list[Any]) -> dict[str, Any]:
    """What a provenance states of a head of four classes, decided by two rules."""
    decided = [
        {
            "rule": rule,
            "thresholds": [0.5, 0.4, 0.5, 0.3],
            "table": {
                "classes": ["AF", "PAC", "NSR", "MI"],
                "recall": [_score(0.8), _score(0.6), _score(0.9), _score(0.5)],
                "precision": [_score(0.7), _score(0.4), _score(0.85), UNKNOWN],
                "f1": f1,
                "macro_f1": _score(0.6 - shift),
                "macro_f_beta": _score(0.55 - shift),
                "macro_g_beta": _score(0.35 - shift),
                "exact_match": _score(0.42 - shift),
            },
            "specificity": [_score(0.93), _score(0.94), _score(0.87), _score(0.9)],
            "groups": [{"name": "frequent", "means": {"F1": _score(0.66), "F2": _score(0.64)}}],
            "n_unanswered": 30,
            "challenge": [0.31, 0.21, 0.41],
        }
        for rule, shift in (("out-of-fold", 0.0), ("fixed", 0.1))
    ]
    ranking = {
        "classes": ["AF", "PAC", "NSR", "MI"],
        "support": [60, 12, 150, 7],
        "auroc": areas,
        "auprc": [_score(0.71), _score(0.3), _score(0.9), _score(0.2)],
        "macro_auroc": _score(0.85),
        "macro_auprc": _score(0.53),
        "n_records": 300,
        "resampled": "patients",
    }
    return {
        "head": name,
        "temperature": 1.1,
        "ranking": ranking,
        "groups": [
            {"name": "frequent", "classes": ["AF", "PAC", "NSR"], "means": {"AUROC": _score(0.87)}},
            {"name": "ptbxl-superclasses", "classes": ["MI"], "means": {"AUROC": _score(0.74)}},
        ],
        "calibration_error": 0.04,
        "brier": 0.08,
        "decided": decided,
    }


@pytest.fixture
def label_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """A provenance of several labels: machines answer, three fold networks judged them."""
    f1 = [_score(0.75), _score(0.48), _score(0.87), UNKNOWN]
    areas = [_score(0.93), _score(0.8), _score(0.95), _score(0.74)]
    heads = [_label_head("sigmoid", [_score(0.9)] * 4, f1), _label_head("linear", areas, f1)]
    heads[0]["brier"] = 0.09
    return {
        **facts,
        "recipe": "ecg12",
        "dataset": {"name": "twelve-leads", "kind": "public", "n_records": 300, "fingerprint": "f" * 64,
                    "sources": {"georgia": 100, "ptbxl": 200}},
        "split": {**facts["split"], "by": "patient"},
        "networks": [network(fold, 200, str(fold) * 64, head="SVM", n_head_train=90 + fold,
                             head_notes=["class 3: few"] * fold) for fold in range(3)],
        "judged_by": [network(fold, 200, str(fold) * 64) for fold in range(3)],
        "held_out": {"part": "test", "folds": [0, 1, 2], "n_folds": 3, "judged": [300, 300, 300, 140],
                     "n_patients": 150, "n_of_unknown_patients": 100, "heads": heads},
        "calibrated": {
            "calibration_error": 0.04, "brier": 0.08, "head": "linear", "rule": "out-of-fold",
            "reliability": facts["calibrated"]["reliability"], "measured_on": "single networks, one a fold",
            "cross_fitted": True,
        },
        "warnings": ["no held-out recording has X"],
    }  # fmt: skip


@pytest.fixture
def several(label_facts: dict[str, Any]) -> Bundle:
    """A model of four labels of twelve leads with these facts."""
    return replace(twelve_lead_bundle(), provenance=label_facts, temperature=1.1)

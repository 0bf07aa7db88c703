"""Read an electrocardiogram and say what it shows.

>>> record = einthoven.read_record("recording.hea")        # doctest: +SKIP
>>> prediction = einthoven.load("rhythm").predict(record)  # doctest: +SKIP
>>> prediction.labels[0], prediction.probs                 # doctest: +SKIP
('N', {'N': 0.97, 'A': 0.01, 'O': 0.02, '~': 0.0})
>>> einthoven.classify(record).model                       # doctest: +SKIP
'rhythm'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from einthoven.anonymity import anonymised
    from einthoven.formats import Limits, read_record, write_record
    from einthoven.inference.beats import BeatModel, load_beats
    from einthoven.inference.choice import ModelChoice, classify
    from einthoven.inference.heartbeats import Heartbeats
    from einthoven.inference.prediction import Failure, Prediction
    from einthoven.inference.runtime import Model, load
    from einthoven.record import Annotation, Record
    from einthoven.signal.rpeaks import find_rpeaks

__version__ = "0.1.0"

__all__ = [
    "Annotation",
    "BeatModel",
    "Failure",
    "Heartbeats",
    "Limits",
    "Model",
    "ModelChoice",
    "Prediction",
    "Record",
    "__version__",
    "anonymised",
    "classify",
    "find_rpeaks",
    "load",
    "load_beats",
    "read_record",
    "write_record",
]

_HOMES = {
    "read_record": "einthoven.formats",
    "write_record": "einthoven.formats",
    "Limits": "einthoven.formats",
    "anonymised": "einthoven.anonymity",
    "load": "einthoven.inference.runtime",
    "Model": "einthoven.inference.runtime",
    "classify": "einthoven.inference.choice",
    "ModelChoice": "einthoven.inference.choice",
    "load_beats": "einthoven.inference.beats",
    "BeatModel": "einthoven.inference.beats",
    "Heartbeats": "einthoven.inference.heartbeats",
    "find_rpeaks": "einthoven.signal.rpeaks",
    "Prediction": "einthoven.inference.prediction",
    "Failure": "einthoven.inference.prediction",
    "Annotation": "einthoven.record",
    "Record": "einthoven.record",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562), so that `import einthoven` stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return the public names only, not what they are made with."""
    return sorted(__all__)

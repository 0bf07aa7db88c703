"""The sealed file that holds a model: graphs, pipeline, labels, calibration, provenance and a golden pair.

A bundle is one file: the magic line `einthoven-bundle 1`, a line with the SHA-256 of everything after it,
and a zip archive with fixed timestamps: `manifest.json`, `network-0.onnx` and so on, `golden.npz`. Nothing
in it is unpickled, every size is bounded before it is read, and the same model always gives the same bytes.
"""

from einthoven.bundle.archive import BUNDLE_VERSION, MAX_BUNDLE_BYTES
from einthoven.bundle.file import encode_bundle, read_bundle, write_bundle
from einthoven.bundle.model import MAX_NETWORKS, Bundle, Golden, InputSpec, Label
from einthoven.decisions import Abstention

__all__ = [
    "BUNDLE_VERSION",
    "MAX_BUNDLE_BYTES",
    "MAX_NETWORKS",
    "Abstention",
    "Bundle",
    "Golden",
    "InputSpec",
    "Label",
    "encode_bundle",
    "read_bundle",
    "write_bundle",
]

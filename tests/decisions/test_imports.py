"""Whoever decides needs no SciPy, and no metrics, until thresholds are fitted."""

import subprocess
import sys


def test_deciding_loads_neither_scipy_nor_metrics() -> None:
    program = (
        "import sys; from einthoven.decisions import THRESHOLD_RULES, sigmoid;"
        "THRESHOLD_RULES['challenge'].decide(sigmoid([[0.0]]), [0.5]);"
        "print([name for name in ('scipy', 'einthoven.metrics') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"

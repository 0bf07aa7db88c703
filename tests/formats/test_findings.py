"""What the fuzzer found once is read again: `fuzz/findings`, see docs/fuzzing.md."""

import tracemalloc
from pathlib import Path

import pytest
from fuzz.targets import TARGETS

FINDINGS = Path(__file__).parents[2] / "fuzz" / "findings"
INPUTS = sorted(path for path in FINDINGS.glob("*/*") if path.is_file())
MOST_BYTES = 2**28
LONGEST = 2**16


def test_there_are_some_of_known_formats() -> None:
    assert INPUTS
    assert {path.parent.name for path in INPUTS} <= TARGETS.keys()


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_only_a_record_or_an_error_of_one_line_comes_out(path: Path) -> None:
    data = path.read_bytes()
    assert len(data) <= LONGEST, "findings are to be made small: python -m fuzz.minimise"
    tracemalloc.start()
    try:
        TARGETS[path.parent.name](data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES

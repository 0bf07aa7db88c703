"""Fuzz one target in a process of its own: `python -m fuzz.one_target scp --seconds 600`.

The process goes on after an exception, which is kept as a finding; time, memory and crashes end it, and the
fuzzing engine keeps the input.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

INSTRUMENTED = ("einthoven.formats", "einthoven.record", "edfio", "pydicom.charset", "numpy.lib._format_impl")
"""What really parses; of what is imported only when it is used, the last ones are imported here."""

with atheris.instrument_imports(include=list(INSTRUMENTED)):
    import edfio  # noqa: F401
    import numpy.lib.format  # noqa: F401
    import pydicom.charset  # noqa: F401

    from fuzz.targets import TARGETS, Target

from fuzz.findings import Findings  # noqa: E402
from fuzz.mutation import MUTATORS, PLAIN_SHARE, Mutator  # noqa: E402
from fuzz.seeds import write_seeds, write_tokens  # noqa: E402

WORK = Path(".fuzz")
TIMEOUT_S, MEMORY_MB, LONGEST = 5, 1024, 2**16
ADDRESS_SPACE = 4 * 2**30
"""Bytes; what only claims memory, and never fills it, would not count as taken."""


def main() -> None:
    """Run one target; see `.fuzz` for what it learns and finds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=600)
    asked = parser.parse_args()
    learnt, found = WORK / "corpus" / asked.name, WORK / "findings" / asked.name
    for folder in (learnt, found):
        folder.mkdir(parents=True, exist_ok=True)
    seeds = write_seeds(asked.name, WORK / "seeds" / asked.name)
    tokens = write_tokens(asked.name, WORK / "tokens" / f"{asked.name}.txt")
    options = {
        "max_total_time": asked.seconds,
        "timeout": TIMEOUT_S,
        "rss_limit_mb": MEMORY_MB,
        "max_len": LONGEST,
        "dict": tokens,
        "artifact_prefix": f"{found}/",
        "print_final_stats": 1,
    }
    command = [sys.argv[0], str(learnt), str(seeds), *(f"-{name}={value}" for name, value in options.items())]
    mutator = MUTATORS.get(asked.name)
    more = {} if mutator is None else {"custom_mutator": _as_engine_calls_it(mutator)}
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, resource.RLIM_INFINITY))
    atheris.Setup(command, _keeping(TARGETS[asked.name], Findings(found)), **more)
    atheris.Fuzz()


def _keeping(target: Target, findings: Findings) -> Target:
    def run(data: bytes) -> None:
        try:
            target(data)
        except Exception as error:
            findings.keep(data, error)

    return run


def _as_engine_calls_it(mutator: Mutator) -> Callable[[bytes, int, int], bytes]:
    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < PLAIN_SHARE:
            return atheris.Mutate(data, most)
        return mutator(data, most, chance, atheris.Mutate)

    return mutate


if __name__ == "__main__":
    main()

"""Make findings small and keep them for the tests: `python -m fuzz.minimise scp .fuzz/findings/scp/*-read.*`.

To be done before what was found is mended: an input is made smaller as long as the same comes out of the same
place.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from fuzz.findings import signature
from fuzz.targets import TARGETS, Target

KEPT = Path("fuzz") / "findings"


def main() -> None:
    """Write a small input to `fuzz/findings`, called by what comes out of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", metavar="format", choices=sorted(TARGETS))
    parser.add_argument("paths", metavar="finding", nargs="+", type=Path)
    asked = parser.parse_args()
    folder = KEPT / asked.name
    folder.mkdir(parents=True, exist_ok=True)
    for path in asked.paths:
        data = path.read_bytes()
        least = minimise(data, TARGETS[asked.name])
        kept = folder / str(_outcome(least, TARGETS[asked.name]))
        kept.write_bytes(least)
        print(f"{kept}: {len(least)} bytes of {len(data)}")


def minimise(data: bytes, target: Target) -> bytes:
    """Return the smallest input that this way finds and that makes a target raise the same in the same place.

    Longer and shorter stretches are left out as long as that changes nothing; then bytes become zeros.

    Raises ValueError if the target raises nothing.
    """
    wanted = _outcome(data, target)
    if wanted is None:
        raise ValueError("expected an input that makes the target raise, found one that is read or refused")
    data = _shortened(data, lambda less: _outcome(less, target) == wanted)
    for i in range(len(data)):
        plainer = data[:i] + b"\0" + data[i + 1 :]
        data = plainer if _outcome(plainer, target) == wanted else data
    return data


def _outcome(data: bytes, target: Target) -> str | None:
    try:
        target(data)
    except Exception as error:
        return signature(error)
    return None


def _shortened(data: bytes, is_same: Callable[[bytes], bool]) -> bytes:
    step = len(data) // 2
    while step:
        at = 0
        while at < len(data):
            less = data[:at] + data[at + step :]
            if is_same(less):
                data = less
            else:
                at += step
        step //= 2
    return data


if __name__ == "__main__":
    main()

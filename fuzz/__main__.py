"""Fuzz readers, each for a while, some at a time, and print what was found: `make fuzz`.

`python -m fuzz scp edf --seconds 60` runs two of them. A log of each is in `.fuzz/logs`, the table as JSON in
`.fuzz/results.json`, inputs that were found in `.fuzz/findings`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from fuzz.findings import Findings
from fuzz.targets import TARGETS

WORK = Path(".fuzz")
DOUBLES = Path("tests") / "doubles"
_TOTAL = re.compile(r"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
_SO_FAR = re.compile(r"^#(\d+)\t", re.MULTILINE)
_LEAST_S = 5
"""A process that ended early is begun again, if more than this is left."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one target.

    seconds : that its processes ran
    findings : places where something else than a record or an `ECGError` came out
    """

    target: str
    executions: int
    seconds: float
    findings: tuple[str, ...]

    def row(self) -> str:
        """Return a row of the table."""
        a_second = self.executions / max(self.seconds, 1e-9)
        return f"| {self.target} | {self.executions:,} | {a_second:,.0f} | {len(self.findings)} |"


def main() -> None:
    """Run the targets, print the table and write it down; exit code 1 if there is a finding."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="format", help=f"of {', '.join(TARGETS)}; default all")
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - TARGETS.keys()):
        parser.error(f"expected formats among {', '.join(TARGETS)}, found {', '.join(unknown)}")
    with ThreadPoolExecutor(asked.jobs) as pool:
        results = list(pool.map(lambda name: run(name, asked.seconds), asked.names or TARGETS))
    print("| target | executions | a second | findings |\n| --- | --- | --- | --- |")
    print("\n".join(result.row() for result in results))
    write_results(results)
    found = [WORK / "findings" / result.target / name for result in results for name in result.findings]
    for path in found:
        print(path)
    sys.exit(1 if found else 0)


def run(name: str, seconds: int) -> Result:
    """Fuzz one target for so many seconds, anew where the engine ended it before."""
    began, executions = time.time(), 0
    log = WORK / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    while (left := seconds - int(time.time() - began)) > _LEAST_S:
        command = [sys.executable, "-m", "fuzz.one_target", name, "--seconds", str(left)]
        with log.open("a+") as stream:
            start = stream.tell()
            code = subprocess.run(command, stdout=stream, stderr=stream, env=_environment()).returncode
            stream.seek(start)
            executions += executions_in(said := stream.read())
        if not executions:
            print(f"{name}: did not begin, see {log}:\n{said[-1000:]}", flush=True)
            return Result(name, 0, time.time() - began, ("did-not-begin",))
        print(f"{name}: ended with {code} after {time.time() - began:.0f} s", flush=True)
    found = Findings(WORK / "findings" / name).names(since=began)
    return Result(name, executions, time.time() - began, tuple(found))


def executions_in(log: str) -> int:
    """Return how many inputs a process of the engine tried, by what it said in the end, or last."""
    total = _TOTAL.findall(log) or _SO_FAR.findall(log) or ["0"]
    return int(total[-1])


def write_results(results: list[Result]) -> None:
    """Write the table as JSON, with the versions that it holds for."""
    packages = ("einthoven", "atheris", "numpy", "pydicom", "edfio")
    content = {
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
        "targets": [asdict(result) for result in results],
    }
    (WORK / "results.json").write_text(json.dumps(content, indent=1) + "\n")


def _environment() -> Mapping[str, str]:
    """Return the environment of a target: with the encoders of the tests, which make the seeds."""
    paths = (str(DOUBLES), os.environ.get("PYTHONPATH", ""))
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}


if __name__ == "__main__":
    main()

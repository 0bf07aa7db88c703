"""Make the example recordings: simulated, seeded, so that the truth beside each answer is known.

usage: python examples/make_examples.py      (`make examples`)
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from einthoven.formats import write_wfdb
from einthoven.signal.simulated import LEADS, RHYTHMS, simulate

FOLDER = Path(__file__).parent
NAMES = {"normal": "normal", "af": "atrial-fibrillation", "ectopy": "ectopic-beats", "noise": "noise"}
SINGLE_LEAD = {
    # rhythm: (seed, heart rate of the sinus node in beats a minute, white noise in mV)
    "normal": ((1, 62.0, 0.01), (2, 75.0, 0.02), (3, 95.0, 0.03)),
    "af": ((11, 62.0, 0.01), (12, 75.0, 0.02), (13, 90.0, 0.03)),
    "ectopy": ((21, 66.0, 0.01), (22, 72.0, 0.02), (23, 80.0, 0.03)),
    "noise": ((31, 70.0, 0.02), (32, 80.0, 0.02)),
}
TWELVE_LEADS = {"normal": 41, "af": 42}


def main() -> None:
    """Write the recordings and `labels.csv` beside this file."""
    rows = []
    for rhythm, choices in SINGLE_LEAD.items():
        for number, (seed, heart_rate, noise_mv) in enumerate(choices, start=1):
            record = simulate(rhythm, seed=seed, heart_rate=heart_rate, noise_mv=noise_mv)
            write_wfdb(replace(record, name=f"{NAMES[rhythm]}-{number}"), FOLDER)
            rows.append((f"{NAMES[rhythm]}-{number}", RHYTHMS[rhythm][1]))
    for rhythm, seed in TWELVE_LEADS.items():
        record = simulate(rhythm, duration_s=10.0, fs=500.0, leads=tuple(LEADS), seed=seed)
        write_wfdb(replace(record, name=f"{NAMES[rhythm]}-12-leads"), FOLDER)
        rows.append((f"{NAMES[rhythm]}-12-leads", RHYTHMS[rhythm][1]))
    with (FOLDER / "labels.csv").open("w", newline="") as table:
        csv.writer(table, lineterminator="\n").writerows([("record", "label"), *rows])


if __name__ == "__main__":
    main()

"""`einthoven simulate`: recordings whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from einthoven.apps.cli.output import FormatOption, emit, if_interrupted, plain_layout, say_wrote
from einthoven.apps.cli.progress import progress
from einthoven.apps.text import counted


def simulate(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write WFDB files to.")],
    rhythm: Annotated[str, typer.Option(help="normal, af, ectopy or noise.")] = "normal",
    n: Annotated[int, typer.Option("--n", min=1, help="How many recordings.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the first recording; the next has seed + 1.")] = 0,
    leads: Annotated[str, typer.Option(help="Leads with commas, or `12` for all twelve.")] = "I",
    duration: Annotated[float, typer.Option(help="Seconds.")] = 30.0,
    fs: Annotated[float, typer.Option(help="Sampling rate, Hz.")] = 300.0,
    heart_rate: Annotated[float, typer.Option(help="Beats a minute of the sinus node.")] = 70.0,
    noise: Annotated[float, typer.Option(help="White noise, mV.")] = 0.02,
    wanted: FormatOption = None,
) -> None:
    """Make up recordings by a model of the heart and write them as WFDB, with R peaks and the truth.

    Their labels go into labels.csv beside them, added to those that are there already.

    Give the folder to --data, the table to --truth.

    [bold]Examples[/bold]

    einthoven simulate --rhythm af --n 5 --seed 1 -o simulated

    einthoven simulate --rhythm ectopy --leads 12 --duration 10 --fs 500 -o simulated
    """
    from dataclasses import replace

    from einthoven.datasets.folder import LABEL_TABLE
    from einthoven.datasets.label_table import add_to_label_table, read_plain_table
    from einthoven.formats import write_wfdb
    from einthoven.signal.simulated import LEADS, RHYTHMS
    from einthoven.signal.simulated import simulate as simulate_record

    names = tuple(LEADS) if leads.strip() == "12" else tuple(name.strip() for name in leads.split(","))
    settings: dict[str, Any] = {"duration_s": duration, "fs": fs, "heart_rate": heart_rate, "noise_mv": noise}
    # A table that cannot be added to is noticed before anything is made.
    read_plain_table(output / LABEL_TABLE)
    items: list[dict[str, Any]] = []
    try:
        with (
            if_interrupted(lambda: f"{len(items)} of {counted(n, 'recording')} made, which stay"),
            progress("simulating") as report,
        ):
            for k in range(n):
                record = simulate_record(rhythm, leads=names, seed=seed + k, **settings)
                path = write_wfdb(replace(record, name=f"{rhythm}-{seed + k}"), output)
                items.append({"record": path.stem, "path": str(path), "truth": rhythm,
                              "label": RHYTHMS[rhythm][1], "leads": list(record.leads),
                              "duration_s": record.duration_s, "fs": record.fs})  # fmt: skip
                report(k + 1, n)
    finally:
        # Whatever went wrong then, the recordings that are there have their labels.
        if items:
            add_to_label_table(output / LABEL_TABLE, {item["record"]: item["label"] for item in items})
    shown = ("record", "truth", "label", "leads", "duration_s", "fs", "path")
    emit(items, plain_layout(shown, "recording"), wanted)
    say_wrote(output, counted(n, "recording"))

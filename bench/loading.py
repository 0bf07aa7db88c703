"""Reading CinC 2017 recordings: einthoven's reader and store beside `wfdb.rdrecord`.

wfdb 4.3 refuses the challenge's headers (date before time), so it reads copies whose headers carry no date.
The copies are made before the clock starts; the signal files are the same bytes.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from bench.measure import time_calls


def copy_without_dates(headers: list[Path], folder: Path) -> list[Path]:
    """Copy records, leaving out the date and time that wfdb cannot parse."""
    copies = []
    for header in headers:
        text = re.sub(r"^(\S+ \d+ \S+ \d+) .*$", r"\1", header.read_text(), count=1, flags=re.MULTILINE)
        copies.append(folder / header.name)
        copies[-1].write_text(text)
        shutil.copy(header.with_suffix(".mat"), folder)
    return copies


def measure_loading(data: Path, n_records: int = 500) -> list[tuple[str, str, str]]:
    """Return rows (what, time, ratio to wfdb) for `n_records` recordings."""
    import wfdb

    from einthoven.datasets.cinc2017 import open_cinc2017
    from einthoven.datasets.store import open_store, write_store
    from einthoven.formats import read_record

    dataset = open_cinc2017(data).subset(range(n_records))
    paths = [entry.path for entry in dataset.entries if entry.path is not None]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copies = copy_without_dates([path.with_suffix(".hea") for path in paths], folder)
        write_store(dataset, folder / "store")
        store = open_store(folder / "store")
        peer = time_calls(lambda: [wfdb.rdrecord(str(copy.with_suffix(""))) for copy in copies])
        direct = time_calls(lambda: [read_record(path) for path in paths])
        checked = time_calls(lambda: [store.read(index) for index in range(len(store))])
        stored = time_calls(lambda: [store.signal(index) for index in range(len(store))])
    return [
        (f"wfdb.rdrecord, {n_records} recordings", str(peer), "1 x"),
        ("einthoven.read_record", str(direct), f"{peer.median / direct.median:.1f} x faster"),
        ("einthoven store, hashes checked", str(checked), f"{peer.median / checked.median:.1f} x faster"),
        ("einthoven store, samples alone", str(stored), f"{peer.median / stored.median:.1f} x faster"),
    ]

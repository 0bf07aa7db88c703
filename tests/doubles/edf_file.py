"""EDF and BDF files, made from the specification of EDF and EDF+ and not by our writer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Wave:
    """An ordinary signal; records are its samples, data record by data record."""

    label: str = "ECG II"
    records: Sequence[Sequence[int]] = ((1, 2, 3, 4), (5, 6, 7, 8))
    dimension: str = "uV"
    physical: tuple[object, object] = (-1000, 1000)
    digital: tuple[object, object] = (-1000, 1000)
    prefiltering: str = ""
    transducer: str = ""


@dataclass(frozen=True)
class Text:
    """An annotation signal; records are its bytes, data record by data record."""

    records: Sequence[bytes]


def tal(onset: str, *texts: str, duration: str = "") -> bytes:
    timing = onset + (f"\x15{duration}" if duration else "")
    return (timing + "\x14" + "".join(f"{text}\x14" for text in texts) + "\0").encode()


def keeping(*onsets: str) -> list[bytes]:
    """The lists that keep the time, one a data record."""
    return [tal(onset, "") for onset in onsets]


def cell(value: object, size: int) -> bytes:
    data = value if isinstance(value, bytes) else str(value).encode("utf-8")
    assert len(data) <= size, value
    return data.ljust(size)


def edf_file(
    *signals: Wave | Text,
    bdf: bool = False,
    reserved: str = "",
    record_s: object = 1,
    n_records: object = None,
    patient: object = "X X X X",
    recording: object = "Startdate X X X X",
    startdate: str = "02.03.20",
    starttime: str = "04.05.06",
    n_bytes: object = None,
    n_signals: object = None,
    tail: bytes = b"",
) -> bytes:
    """Make a file; what is given goes before what would be right."""
    width = 3 if bdf else 2
    kind = "BDF" if bdf else "EDF"
    count = len(signals[0].records)
    sizes = []
    for signal in signals:
        longest = max(len(record) for record in signal.records)
        sizes.append(longest if isinstance(signal, Wave) else -(-longest // width))
    right = 256 * (1 + len(signals))
    head = [b"\xffBIOSEMI" if bdf else b"0       ", cell(patient, 80), cell(recording, 80)]
    head += [cell(startdate, 8), cell(starttime, 8), cell(right if n_bytes is None else n_bytes, 8)]
    head += [cell(reserved, 44), cell(count if n_records is None else n_records, 8), cell(record_s, 8)]
    head.append(cell(len(signals) if n_signals is None else n_signals, 4))
    labels = [s.label if isinstance(s, Wave) else f"{kind} Annotations" for s in signals]
    waves = [s if isinstance(s, Wave) else Wave(dimension="", physical=(-1, 1)) for s in signals]
    for size, values in (
        (16, labels),
        (80, [w.transducer for w in waves]),
        (8, [w.dimension for w in waves]),
        (8, [w.physical[0] for w in waves]),
        (8, [w.physical[1] for w in waves]),
        (8, [w.digital[0] for w in waves]),
        (8, [w.digital[1] for w in waves]),
        (80, [w.prefiltering for w in waves]),
        (8, sizes),
        (32, [""] * len(signals)),
    ):
        head += [cell(value, size) for value in values]
    body = []
    for record in range(count):
        for signal, size in zip(signals, sizes, strict=True):
            if isinstance(signal, Text):
                body.append(signal.records[record].ljust(size * width, b"\0"))
            else:
                values = np.array(signal.records[record], "<i4")
                body.append(b"".join(int(v).to_bytes(width, "little", signed=True) for v in values))
    return b"".join((*head, *body, tail))

"""What the encoder writes from the standard, the reader must give back."""

import numpy as np
import pytest
import scp_encoder as scp
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from einthoven.errors import ECGError
from einthoven.formats.given import Given
from einthoven.formats.scp import looks_like_scp, read_scp
from einthoven.record import Record

FILE = Given(where="x.scp")
OWN = (
    scp.Table((("0", 0, 0), ("100", 1, 0), ("101", -1, 0), ("110", 0, 16)), {"1110": 2}),
    scp.Table((("1", 0, 16),), {"01": 1}),
)
LEADS = ("V1", "V2", "V3", "V4", "V5", "V6", "X", "Y", "Z")


def steps(record: Record, lead: str) -> list[int]:
    row = record.signal[record.leads.index(lead)].astype(np.float64)
    return np.rint(row * 1000).astype(int).tolist()


@settings(max_examples=40, deadline=None)
@examples(data=st.data())
def test_without_loss(data: st.DataObject) -> None:
    n_leads = data.draw(st.integers(1, len(LEADS)))
    n_samples = data.draw(st.integers(1, 40))
    samples = st.integers(-8000, 8000) | st.integers(-2, 2)
    rows = {
        lead: data.draw(st.lists(samples, min_size=n_samples, max_size=n_samples)) for lead in LEADS[:n_leads]
    }
    order = data.draw(st.integers(0, 2))
    coding = data.draw(st.sampled_from(["plain", "huffman"]))
    tables = data.draw(st.sampled_from([None, OWN]))
    record = read_scp(scp.simple(rows, coding=coding, tables=tables, order=order), FILE)
    assert record.leads == tuple(rows)
    for lead, row in rows.items():
        assert steps(record, lead) == row
    assert record.warnings == ()


@settings(max_examples=30, deadline=None)
@examples(data=st.data())
def test_switches_between_tables(data: st.DataObject) -> None:
    values = data.draw(st.lists(st.integers(-30000, 30000) | st.just(0), min_size=1, max_size=60))
    path = data.draw(st.lists(st.sampled_from([1, 2]), min_size=len(values), max_size=len(values)))
    bodies = {
        2: scp.huffman(OWN),
        3: scp.leads([(1, len(values), 3)]),
        6: scp.waveform([scp.coded(values, OWN, path)]),
    }
    assert steps(read_scp(scp.record(bodies), FILE), "V1") == values


def compressed(
    rows: dict[str, list[int]],
    beat: list[int],
    complexes: list[tuple[int, int, int, int]],
    areas: list[tuple[int, int]],
    factor: int,
    *,
    fiducial: int = 1,
    order: int = 2,
) -> bytes:
    """Write leads from which the beat was subtracted, and which were thinned out between the areas."""
    left = []
    for row in rows.values():
        residual = scp.residual(row, 1, beat, fiducial, complexes)
        left.append(scp.coded(scp.differences(scp.thinned(residual, 1, areas, factor), order), None))
    spans = [(1, len(row), scp.LEAD_CODES[lead]) for lead, row in rows.items()]
    beats = [scp.coded(scp.differences(beat, order), None)] * len(rows)
    return scp.record(
        {
            1: scp.header(),
            2: scp.huffman(None),
            3: scp.leads(spans, subtracted=True),
            4: scp.beats(2 * len(beat), fiducial, complexes, areas),
            5: scp.waveform(beats, order=order),
            6: scp.waveform(left, order=order, interval=2000 * factor, bimodal=1),
        }
    )


@settings(max_examples=40, deadline=None)
@examples(data=st.data())
def test_stored_samples_come_back_after_thinning(data: st.DataObject) -> None:
    n = data.draw(st.integers(8, 60))
    factor = data.draw(st.integers(1, 8))
    row = data.draw(st.lists(st.integers(-4000, 4000), min_size=n, max_size=n))
    beat = data.draw(st.lists(st.integers(-500, 500), min_size=1, max_size=9))
    edge = st.integers(1, n)
    areas = [tuple(sorted(data.draw(st.tuples(edge, edge)))) for _ in range(data.draw(st.integers(0, 3)))]
    fiducial = data.draw(st.integers(1, len(beat)))
    # Zones of subtraction that the beat covers, one after the other.
    complexes, at = [], data.draw(st.integers(1, 8))
    while at + len(beat) - 1 <= n and len(complexes) < 4:
        centre = at + fiducial - 1
        complexes.append((data.draw(st.integers(0, 1)), at, centre, at + len(beat) - 1))
        at += len(beat) + data.draw(st.integers(0, 9))
    areas += [(1, 1)] * (len(complexes) - len(areas)) if complexes else []
    complexes += [(7, 1, n, 1)] * (len(areas) - len(complexes))
    record = read_scp(compressed({"V1": row}, beat, complexes, areas, factor, fiducial=fiducial), FILE)
    residual = scp.residual(row, 1, beat, fiducial, complexes)
    kept = scp.thinned(list(range(n)), 1, areas, factor)
    found = steps(record, "V1")
    for sample in kept:
        assert found[sample] == row[sample]
    # Between stored samples of what is left lies a straight line, and level ones beyond them.
    left = np.array(scp.residual(found, 1, beat, fiducial, complexes))
    assert left.min() >= min(residual[sample] for sample in kept) - 1
    assert left.max() <= max(residual[sample] for sample in kept) + 1
    assert record.warnings == ()


def test_a_smooth_recording_loses_little() -> None:
    """Linear interpolation errs by at most a sixteenth of the squared spacing times the second derivative.

    At the ends of a stretch, where samples stay level, it errs by two steps of the steepest slope.
    """
    n, amplitude, cycle = 2000, 800, 500
    t = np.arange(n)
    row = np.rint(amplitude * np.sin(2 * np.pi * t / cycle)).astype(int).tolist()
    areas = [(401, 600), (1201, 1400)]
    found = np.array(steps(read_scp(compressed({"V1": row}, [0], [(0, 1, 1, 1)] * 2, areas, 4), FILE), "V1"))
    error = np.abs(found - row)
    for begin, end in areas:
        assert not error[begin - 1 : end].any()
    slope = amplitude * 2 * np.pi / cycle
    assert error.max() <= 2 * slope + 1
    edges = np.isin(t % 1000, [*range(3), *range(397, 401), *range(599, 603), *range(996, 1000)])
    edges |= np.isin(t, [*range(1197, 1200), *range(1400, 1403)])
    assert error[~edges].max() <= 2**2 * slope * 2 * np.pi / cycle / 2 + 1


@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_level_and_straight_parts_lose_nothing_but_ends(factor: int) -> None:
    row = [50] * 40
    assert steps(read_scp(compressed({"V1": row}, [9], [(0, 5, 5, 5)], [(4, 6)], factor), FILE), "V1") == row


@settings(max_examples=100, deadline=None)
@examples(data=st.data())
def test_changed_bytes_end_in_a_record_or_one_error(data: st.DataObject) -> None:
    rows = {"I": [3 * n % 17 for n in range(40)], "V2": [n * n % 29 for n in range(40)]}
    kind = data.draw(st.sampled_from(["simple", "own", "compressed"]))
    if kind == "compressed":
        good = compressed(
            rows, [5, 90, 7], [(0, 4, 5, 6), (0, 24, 25, 26)], [(3, 8), (23, 28)], 4, fiducial=2
        )
    else:
        fields = [scp.machine(), scp.tag(0, "Noether"), scp.tag(5, b"\x4a\x07\x03\x17")]
        more = {7: scp.measurements([(10, 100)]), 8: scp.statements("Normal"), 11: b"\0" * 4}
        good = scp.simple(rows, fields=fields, more=more, tables=OWN if kind == "own" else None)
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(changed) - 1))
        how = data.draw(st.sampled_from(["set", "set", "cut", "insert", "delete"]))
        if how == "set":
            changed[at] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del changed[max(at, 1) :]
        elif how == "delete":
            del changed[at : at + 2]
        else:
            changed[at:at] = data.draw(st.binary(min_size=1, max_size=4))
        changed = changed or bytearray(b"\0")
    looks_like_scp(bytes(changed))
    try:
        record = read_scp(bytes(changed), FILE)
    except ECGError as error:
        assert "\n" not in str(error)
        assert str(error).startswith("x.scp: ")
    else:
        assert record.n_samples > 0

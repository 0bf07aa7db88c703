import numpy as np
import pytest

from einthoven.record import Signal
from einthoven.signal.contact import empty_stretches, gap_share, missing_longer_than

FS = 100.0


def lead() -> Signal:
    return np.random.default_rng(0).standard_normal((1, 1000)).astype(np.float32)


@pytest.mark.parametrize("value", [np.nan, 0.0, 9.0])
def test_a_gap_inside_counts_from_0_3_seconds_on(value: float) -> None:
    signal = lead()
    signal[:, 400:429] = value
    assert gap_share(signal, FS).tolist() == [0]
    signal[:, 400:430] = value
    assert gap_share(signal, FS) == pytest.approx([0.03])
    signal[:, 600:700] = value
    assert gap_share(signal, FS) == pytest.approx([0.13])


@pytest.mark.parametrize("part", [slice(0, 100), slice(900, 1000)])
def test_at_the_ends_only_what_is_stuck_at_a_limit_counts(part: slice) -> None:
    for value, share in ((0.0, 0), (np.nan, 0), (9.0, 0.1), (-9.0, 0.1)):
        signal = lead()
        signal[:, part] = value
        assert gap_share(signal, FS) == pytest.approx([share])


def test_leads_are_judged_each_by_itself_and_an_empty_one_has_no_inside() -> None:
    signal = np.concatenate([lead(), np.full((1, 1000), np.nan, np.float32)])
    assert gap_share(signal, FS).tolist() == [0, 0]
    assert gap_share(signal[:, :1], FS).tolist() == [0, 0]


def test_missing_samples_in_long_gaps_are_marked() -> None:
    signal = lead()
    assert not missing_longer_than(0.04, signal, FS).any()
    signal[:, [3, 50, 51, 52, 53]] = np.nan
    assert not missing_longer_than(0.04, signal, FS).any()
    signal[:, 995:] = np.nan
    assert np.flatnonzero(missing_longer_than(0.04, signal, FS)[0]).tolist() == [995, 996, 997, 998, 999]


def test_empty_stretches_are_missing_constant_or_still() -> None:
    signal = lead()[0]
    assert empty_stretches(signal, FS) == ()
    signal[200:229] = np.nan
    assert empty_stretches(signal, FS) == ()
    signal[0:50] = 4.0
    signal[200:260] = np.nan
    # Two seconds that move by less than 10 µV, and one that moves by more.
    signal[400:600] = 1 + 0.004 * np.sin(np.arange(200))
    signal[600:700] = 1 + 0.006 * np.sin(np.arange(100))
    assert empty_stretches(signal, FS) == ((0, 50), (200, 260), (400, 600))


def test_what_overlaps_or_touches_is_one_stretch() -> None:
    signal = lead()[0]
    signal[250:300] = np.nan
    signal[300:400] = 0.001
    assert empty_stretches(signal, FS) == ((250, 400),)
    assert empty_stretches(np.full(250, np.nan, np.float32), FS) == ((0, 250),)

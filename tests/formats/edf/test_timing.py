from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.errors import RecordError
from einthoven.formats.edf.timing import record_length


@pytest.mark.parametrize(
    ("fs", "n_samples", "per_record", "seconds"),
    [
        (500.0, 5000, 5000, 10),
        (300.0, 3001, 3300, 11),
        (360.5, 360 * 60, 721, 2),
        (1000 / 3, 10_000, 10_000, 30),
        (0.5, 10, 10, 20),
        (128.0, 7, 128, 1),
    ],
)
def test_whole_seconds(fs: float, n_samples: int, per_record: int, seconds: int) -> None:
    length = record_length(fs, n_samples, 1, 100)
    assert length.n_samples / float(length.seconds) == fs
    assert (length.n_samples % per_record, length.seconds % seconds) == (0, 0)


def test_long_recordings_have_records_of_up_to_a_minute_and_61440_bytes() -> None:
    assert record_length(250.0, 250 * 86400, 1, 100).seconds == 60
    length = record_length(500.0, 500 * 86400, 12, 100)
    assert length.n_samples * 12 * 2 <= 61440
    assert length.seconds == 5


@given(fs=st.floats(0.2, 20_000), n_samples=st.integers(1, 100_000))
@settings(max_examples=100, deadline=None)
def test_any_rate_is_stated_so_that_no_sample_is_half_a_sample_off(fs: float, n_samples: int) -> None:
    try:
        length = record_length(fs, n_samples, 1, 100)
    except RecordError as error:
        assert "expected a sampling rate that 8 characters of seconds a data record can state" in str(error)
        return
    stated = length.n_samples / float(length.seconds)
    assert abs(stated / fs - 1) * n_samples < 0.5
    assert len(length.text) <= 8
    assert Decimal(length.text) == length.seconds


def test_a_rate_that_cannot_be_stated_precisely_enough() -> None:
    fs = float(np.nextafter(123.4567891234, 0))
    assert record_length(fs, 10_000, 1, 100).n_samples > 0
    with pytest.raises(RecordError, match=r"for 100000000000 samples, found 123.456789123"):
        record_length(fs, 10**11, 1, 100)

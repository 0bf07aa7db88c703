import numpy as np
import pytest
from edf_file import Text, Wave, edf_file, keeping
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from einthoven.errors import RecordError
from einthoven.formats.edf import samples
from einthoven.formats.edf.header import read_header
from einthoven.formats.edf.samples import digital_blocks, quantise
from einthoven.formats.given import Given

FLOATS = hnp.arrays(np.float32, st.integers(1, 60), elements=st.floats(-9000, 9000, width=32))


@pytest.mark.parametrize("bdf", [False, True])
def test_blocks_of_some_signals(monkeypatch: pytest.MonkeyPatch, bdf: bool) -> None:
    monkeypatch.setattr(samples, "_BLOCK_BYTES", 13)
    rng = np.random.default_rng(1)
    stamps = (f"+{i}" for i in range(5))
    a, b, c = (rng.integers(-32768, 32768, (5, n)) for n in (3, 2, 1))
    data = edf_file(Wave(records=a), Text(keeping(*stamps)), Wave(records=b), Wave(records=c),
                    bdf=bdf)  # fmt: skip
    header = read_header(data, Given(where="x"))
    blocks = list(digital_blocks(data, header, [3, 0]))
    assert len(blocks) > 1
    assert [(part.start, part.stop) for part, _ in blocks][-1][1] == 5
    np.testing.assert_array_equal(np.concatenate([found[0] for _, found in blocks]), c.ravel())
    np.testing.assert_array_equal(np.concatenate([found[1] for _, found in blocks]), a.ravel())


def decoded(steps: samples.Steps) -> tuple[np.ndarray, float]:
    """The samples in uV as any reader has them, and the step between them."""
    low, high = (float(text) for text in steps.physical)
    bottom, top = (int(text) for text in steps.digital_limits)
    gain = (high - low) / (top - bottom)
    return (steps.digital + (high / gain - top)) * gain, gain


@given(lead=FLOATS)
@settings(max_examples=100, deadline=None)
def test_rounding_is_at_most_half_a_step_of_the_range(lead: np.ndarray) -> None:
    steps = quantise(lead)
    assert all(len(text) <= 8 for text in steps.physical)
    found, gain = decoded(steps)
    if np.array_equal((found * 1e-3).astype(np.float32), lead):
        # It has steps of its own.
        return
    off = np.abs(found - lead.astype(np.float64) * 1000)
    width = (float(lead.max()) - float(lead.min())) * 1000
    # The limits are rounded outwards to 8 characters: 3 decimals below 1000 uV, none from a million on.
    assert gain <= max((width + 2) / 65535, 1)
    assert off.max() <= gain / 2 * (1 + 1e-6) + 1e-9


@pytest.mark.parametrize("step_mv", [0.00488, 0.005, 0.00244, 0.0025])
def test_a_recorders_steps_stay(step_mv: float) -> None:
    lead = (np.random.default_rng(5).integers(-900, 900, 2000) * step_mv).astype(np.float32)
    microvolts, _ = decoded(quantise(lead))
    np.testing.assert_array_equal((microvolts * 1e-3).astype(np.float32), lead)


@given(steps=hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(-32768, 32767)))
@settings(max_examples=50, deadline=None)
def test_whole_microvolts_stay(steps: np.ndarray) -> None:
    found = quantise((steps * 1e-3).astype(np.float32))
    np.testing.assert_array_equal(found.digital, steps)
    assert found.physical == ("-32768", "32767")


def test_a_flat_lead() -> None:
    found = quantise(np.full(3, 0.12345, np.float32))
    assert found.physical == ("123.45", "123.451")
    assert found.digital.tolist() == [-32534] * 3


def test_a_flat_lead_whose_level_is_spelt_exactly() -> None:
    found = quantise(np.full(3, 1 / 64, np.float32))
    assert found.physical == ("15.625", "16.625")
    assert found.digital.tolist() == [-32768] * 3


def test_too_large() -> None:
    with pytest.raises(
        RecordError, match=r"expected samples within 10000 mV, which EDF has room for, found 10001 mV"
    ):
        quantise(np.array([0, -10001], np.float32))

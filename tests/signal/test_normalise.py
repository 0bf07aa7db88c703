import numpy as np

from einthoven.signal.normalise import z_score


def test_every_lead_has_zero_mean_and_unit_variance() -> None:
    signal = np.random.default_rng(0).normal([[1.0], [-300.0]], [[2.0], [0.05]], (2, 5000)).astype(np.float32)
    before = signal.copy()
    found = z_score(signal)
    np.testing.assert_allclose(found.mean(axis=-1), 0, atol=1e-3)
    np.testing.assert_allclose(found.std(axis=-1), 1, rtol=1e-3)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(signal, before)


def test_a_constant_lead_becomes_zero_and_a_silent_one_is_not_blown_up() -> None:
    signal = np.full((2, 100), 0.1, np.float32)
    signal[1] = np.where(np.arange(100) % 2, 1e-5, -1e-5)
    found = z_score(signal)
    assert not found[0].any()
    np.testing.assert_allclose(np.abs(found[1]), 0.01, rtol=1e-4)
    np.testing.assert_allclose(np.abs(z_score(signal, 1e-6)[1]), 1, rtol=1e-4)


def test_one_row_without_a_lead_axis() -> None:
    found = z_score(np.array([0, 2, 4, 2], np.float32))
    np.testing.assert_allclose(found, [-(2**0.5), 0, 2**0.5, 0], atol=1e-6)

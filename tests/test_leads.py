"""The limb leads follow from two of I, II and III."""

from itertools import combinations

import numpy as np
import pytest

from einthoven.errors import RecordError
from einthoven.leads import LIMB_LEADS, derive_limb_leads, pair_of
from einthoven.signal.simulated import simulate


@pytest.mark.parametrize("pair", list(combinations(("I", "II", "III"), 2)))
def test_any_two_give_all_six(pair: tuple[str, str]) -> None:
    record = simulate(leads=LIMB_LEADS, duration_s=4.0)
    rows = dict(zip(record.leads, record.signal, strict=True))
    found = derive_limb_leads({name: rows[name] for name in pair})
    assert tuple(found) == tuple(name for name in LIMB_LEADS if name not in pair)
    for name, row in found.items():
        assert row.dtype == np.float32
        np.testing.assert_allclose(row, rows[name], atol=1e-6)


def test_what_is_given_stays_and_other_leads_do_not_count() -> None:
    row = np.ones(3, np.float32)
    found = derive_limb_leads({"V1": row, "II": row, "I": row, "aVF": row})
    assert tuple(found) == ("III", "aVR", "aVL")
    assert [float(found[name][0]) for name in found] == [0.0, -1.0, 0.5]


def test_a_missing_sample_of_one_is_missing_in_all() -> None:
    found = derive_limb_leads({"I": np.array([1, np.nan], np.float32), "II": np.ones(2, np.float32)})
    assert all(np.isnan(row).tolist() == [False, True] for row in found.values())


def test_one_of_them_is_not_enough() -> None:
    assert pair_of(("I", "aVR", "aVF")) is None
    with pytest.raises(RecordError, match=r"^expected two of the leads I, II, III, found II, V1$"):
        derive_limb_leads({"II": np.ones(1, np.float32), "V1": np.ones(1, np.float32)})
    with pytest.raises(RecordError, match=r"found none$"):
        derive_limb_leads({})

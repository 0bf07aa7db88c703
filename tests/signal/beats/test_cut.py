"""Given R peaks, and cuts as JSON."""

import json
from typing import Any

import numpy as np
import pytest

from einthoven.errors import RecordError, SettingsError
from einthoven.signal.beats import CUTS, AroundRPeaks, SevenSteps, cut_json, read_cut
from einthoven.signal.beats.cut import checked_rpeaks


@pytest.mark.parametrize(
    "given", [[0, 5, 99], np.array([3], np.uint8), np.array([3, 4], np.int32), (), np.empty(0, np.float64)]
)
def test_increasing_samples_are_taken_as_they_are(given: Any) -> None:
    found = checked_rpeaks(given, 100)
    assert found.dtype == np.int64 and found.tolist() == list(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([5, 5], "expected increasing R peaks, found 5 after 5"),
        ([1, 9, 4, 2], "expected increasing R peaks, found 4 after 9"),
        ([-1, 5], "expected R peaks within 100 samples, found one at -1"),
        ([5, 100], "expected R peaks within 100 samples, found one at 100"),
        ([200, 5, 100], "expected R peaks within 100 samples, found one at 200"),
        ([1.0, 2.0], r"expected R peaks as whole sample indices in one row, found float64 of shape \(2,\)"),
        ([True], r"found bool of shape \(1,\)"),
        (["7"], r"found <U1 of shape \(1,\)"),
        ([[1, 2]], r"found int64 of shape \(1, 2\)"),
        (7, r"found int64 of shape \(\)"),
    ],
)
def test_anything_else_is_refused(given: Any, message: str) -> None:
    for where in ("", "a.hea: "):
        with pytest.raises(RecordError, match=f"^{where}.*{message}$") as caught:
            checked_rpeaks(given, 100, where.removesuffix(": "))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [AroundRPeaks(), AroundRPeaks(fs=250.0, training=True), SevenSteps()])
def test_json_round_trip(cut: AroundRPeaks | SevenSteps) -> None:
    values = json.loads(json.dumps(cut_json(cut)))
    assert values["cut"] in CUTS and read_cut(values) == cut


def test_tuples_come_back_from_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cut has a tuple yet; the next one may."""
    monkeypatch.setitem(CUTS, "Tuples", lambda **settings: settings)
    assert read_cut({"cut": "Tuples", "rates": [1, 2]}) == {"rates": (1, 2)}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "expected a cut among SevenSteps, AroundRPeaks, found None"),
        ({"cut": "Around"}, "found Around"),
        ({"cut": ["AroundRPeaks"]}, "expected a cut among"),
        ({"cut": "AroundRPeaks", "rate": 3}, "AroundRPeaks: unknown or missing setting: .*rate"),
        ({"cut": "AroundRPeaks", "fs": "125"}, "expected fs to be a number above 0, found '125'"),
    ],
)
def test_what_is_no_cut_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_cut(values)

"""What networks have seen: kept in little room, recognised in other forms of the data, never forgotten."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset, Entry
from einthoven.errors import RunError
from einthoven.inference.shipped import open_model
from einthoven.training.ancestry import (
    UNKNOWN,
    Ancestry,
    bundle_ancestry,
    check_unseen,
    describe,
    digest,
    seen_of,
)
from einthoven.training.folds import Split


@pytest.fixture
def public(dataset: Dataset) -> Dataset:
    """The small data set, as if it were the published one."""
    return replace(dataset, name="cinc2017", kind="public")


def split(train: list[int], validation: list[int], test: list[int]) -> Split:
    return Split(*(np.array(part, np.int64) for part in (train, validation, test)), n_folds=5)


def of(dataset: Dataset, ids: Any, role: Any = "trained") -> Ancestry:
    return Ancestry((seen_of(describe(dataset), role, ids),))


def test_it_comes_back_from_json(dataset: Dataset, public: Dataset) -> None:
    known = of(dataset, dataset.record_ids[:3]) | of(public, None, "stopped")
    assert Ancestry.from_json(json.loads(json.dumps(known.to_json()))) == known
    assert Ancestry.from_json(json.loads(json.dumps(UNKNOWN.to_json()))) == UNKNOWN


@pytest.mark.parametrize("name", ["dataset", "kind", "fingerprint", "role", "records", "n_records"])
@pytest.mark.parametrize("value", [None, 0.5, [], "nonsense"])
def test_nonsense_is_not_known(dataset: Dataset, name: str, value: Any) -> None:
    found = of(dataset, ["a"]).to_json()
    found["parts"][0][name] = value
    is_text = isinstance(value, str) and name in ("dataset", "fingerprint", "records")
    assert Ancestry.from_json(found).is_known is is_text
    for nothing in (None, 3, [], {}, {"parts": 3}, {"parts": [3]}, {"parts": []}):
        assert Ancestry.from_json(nothing) == UNKNOWN


def test_parts_of_a_data_set_add_up_to_all_of_it(public: Dataset, dataset: Dataset) -> None:
    ids = public.record_ids
    (part,) = (of(public, ids[:20]) | of(public, ids[20:])).parts
    assert part.records is None
    (part,) = (of(public, None) | of(public, ids[:2])).parts
    assert part.records is None
    # A folder of one's own is known by its recordings: its name may stand for another one tomorrow.
    (part,) = (of(dataset, ids[:20]) | of(dataset, ids[20:])).parts
    assert part.records == set(map(digest, ids))
    assert len((of(public, ids) | of(dataset, ids) | of(public, ids, "stopped")).parts) == 3
    assert not (of(public, ids) | UNKNOWN).is_known


def test_recordings_are_recognised_in_other_forms_of_their_data(dataset: Dataset, public: Dataset) -> None:
    few = public.subset(range(4))
    assert few.fingerprint() != public.fingerprint()
    assert of(public, None).among(few) == set(few.record_ids)
    assert of(public, public.record_ids[2:]).among(few) == set(few.record_ids[2:])
    # Of the same name, but one's own: another data set.
    assert of(public, None).among(replace(few, kind="own")) == set()
    own = replace(dataset, name="mine", kind="own")
    assert of(own, own.record_ids[2:]).among(own.subset(range(4))) == set(few.record_ids[2:])
    assert of(own, None).among(own.subset(range(4))) == set()
    # By another name, the same recordings and labels.
    assert of(own, own.record_ids[:2]).among(replace(own, name="renamed")) == set(own.record_ids[:2])


def test_what_tests_and_what_stops_a_run_must_not_have_been_seen(public: Dataset) -> None:
    ids, parts = public.record_ids, split([0, 1], [2, 3], [4, 5])
    check_unseen(of(public, ids[:2]) | of(public, ids[2:4], "stopped"), public, parts, "run")
    for seen in (of(public, ids[5:6]), of(public, ids[5:6], "stopped"), of(public, ids[2:3])):
        with pytest.raises(RunError, match="saw 1 of the recordings of cinc2017 that are to test or stop"):
            check_unseen(seen, public, parts, "run")
    # Where nothing tests, what stops a run is all that judges it.
    production = split([0, 1], [2, 3], [])
    with pytest.raises(RunError, match="saw 1 of"):
        check_unseen(of(public, ids[2:3], "stopped"), public, production, "run")


def test_heartbeats_are_known_by_their_recordings(beats: Dataset) -> None:
    public = replace(beats, name="mitdb", kind="public")
    one, two, *_ = dict.fromkeys(entry.recording for entry in public.entries)
    ids = {name: {e.record_id for e in public.entries if e.recording == name} for name in (one, two)}
    assert of(public, [one]).among(public) == ids[one]
    assert of(public, [one, two], "stopped").among(public, "trained") == set()
    # Whole recordings, or other beats of them, are recognised all the same.
    whole = replace(public, entries=tuple(Entry(name, ("N",)) for name in (one, two)))
    assert of(whole, [one]).among(public) == ids[one]
    assert of(public, [one]).among(whole) == {one}
    # All recordings of a part are not all of the data set.
    part = public.subset([i for i, e in enumerate(public.entries) if e.recording == one])
    (seen,) = (of(part, [one]) | of(part, [one])).parts
    assert seen.records == {digest(one)}
    first = [i for i, entry in enumerate(public.entries) if entry.recording == one][:2]
    rest = [i for i in range(len(public)) if i not in first]
    with pytest.raises(RunError, match=f"saw 1 of the recordings of mitdb .*, {one} among"):
        check_unseen(of(public, [one]), public, split(rest, [], first), "run")


def test_the_shipped_bundle_has_seen_the_whole_public_data_set(public: Dataset) -> None:
    found = bundle_ancestry(open_model("rhythm").provenance)
    assert found.is_known
    assert found.among(public) == set(public.record_ids)


def test_a_bundle_that_lists_nothing_has_seen_all_of_the_data_set_it_states(public: Dataset) -> None:
    facts: dict[str, Any] = {"dataset": describe(public), "networks": [{"init": None, "distilled": False}]}
    assert bundle_ancestry(facts) == of(public, None)
    for network in ({"init": "a"}, {"distilled": True}, 3):
        assert not bundle_ancestry({**facts, "networks": [network]}).is_known
    assert not bundle_ancestry({"dataset": describe(public)}).is_known
    for facts in ({}, {"dataset": "cinc2017"}, {"dataset": {}}, {"learnt_from": 3}):
        assert bundle_ancestry(facts) == UNKNOWN


@pytest.mark.parametrize(
    ("learnt", "asked", "seen"),
    [
        ("twelve-leads", "ptbxl", "ace"),
        ("twelve-leads", "cinc2020", "abcd"),
        ("cpsc2018", "cinc2020", "ab"),
        ("cinc2020", "twelve-leads", "abef"),
        ("ptbxl", "twelve-leads", "cd"),
        ("cinc2020", "cpsc2018", "abcdef"),
        ("ptbxl", "cinc2020", ""),
        ("cinc2020", "cinc2020", "abcdef"),
    ],
)
def test_data_sets_that_share_recordings_are_told_by_them(
    dataset: Dataset, learnt: str, asked: str, seen: str
) -> None:
    sources = ("cpsc_2018", "cpsc_2018", "ptbxl", "ptbxl", "ptb-xl", "ptb-xl")
    entries = tuple(
        Entry(name, (), source=source, fold=9 + place % 2)
        for place, (name, source) in enumerate(zip("abcdef", sources, strict=True))
    )
    data = replace(dataset, name=asked, kind="public", entries=entries)
    whole = {"name": learnt, "kind": "public", "fingerprint": "0", "n_records": 6}
    assert seen_of(whole, "trained", None).among(data) == set(seen)
    few = seen_of(whole | {"n_records": 99}, "trained", ["a", "f"])
    assert few.among(data) == ({"a", "f"} if seen else set())
    # A folder of somebody's own with that name is another thing.
    assert seen_of(whole | {"kind": "own"}, "trained", ["a"]).among(data) == set()

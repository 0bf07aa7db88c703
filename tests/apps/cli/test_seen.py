"""Which recordings a model has seen: what is said of them, and the parts that a model of heartbeats needs."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from einthoven.apps.cli.seen import need_part, say_seen, seen_of
from einthoven.bundle import Bundle
from einthoven.datasets.dataset import Dataset, Entry
from einthoven.datasets.mitdb import PARTS, SAME_PATIENT
from einthoven.errors import SettingsError
from einthoven.training.ancestry import Ancestry, Seen, digest


def data(names: Sequence[str], name: str = "mitdb", kind: str = "public", **facts: object) -> Dataset:
    entries = [Entry(one, (), patient=SAME_PATIENT.get(one, one)) for one in names]
    whole = Dataset(name, ("N",), tuple(entries), lambda _: pytest.fail("nothing needs reading"))
    return replace(whole, kind=kind, **facts)


def learnt(bundle: Bundle, *names: str, is_known: bool = True) -> Bundle:
    """Return the model as one that learnt from these recordings of MIT-BIH."""
    part = Seen("mitdb", "public", "f" * 8, 9999, "trained", frozenset(map(digest, names)))
    return replace(bundle, provenance={"learnt_from": Ancestry((part,), is_known).to_json()})


def test_a_part_is_needed_and_each_is_told_with_what_the_model_has_seen_of_it(tiny_beats: Bundle) -> None:
    model = learnt(tiny_beats, *PARTS["ds1"])
    with pytest.raises(SettingsError) as caught:
        need_part(model, data(PARTS["all"]))
    assert str(caught.value) == (
        "mitdb: expected --part with one of ds1 (to train: 21 recordings, 21 of people that tiny-beats "
        "learnt from), ds1-classical (22, 21), ds2 (to test: 22, 0), paced (with pacemakers: 4, 0), "
        "inter-patient (ds1 and ds2: 43, 21), inter-patient-classical (44, 21), all (48, 21); found none"
    )


def test_parts_of_which_nothing_is_there_are_not_offered(tiny_beats: Bundle) -> None:
    # 202 is of the patient of 201, which the model learnt from.
    model = learnt(tiny_beats, "201", is_known=False)
    with pytest.raises(SettingsError) as caught:
        need_part(model, data(["202", "201", "106"]))
    assert str(caught.value) == (
        "mitdb: expected --part with one of ds1 (to train: 1 recording, 0 of people that tiny-beats learnt "
        "from), ds1-classical (2, 1), ds2 (to test: 1, 1), inter-patient (ds1 and ds2: 2, 1), "
        "inter-patient-classical (3, 2), all (3, 2) (what tiny-beats learnt from is not all stated); found "
        "none"
    )


def test_no_part_is_needed_of_data_without_parts_or_with_labels(tiny_beats: Bundle) -> None:
    whole = data(["100", "101"])
    need_part(tiny_beats, replace(whole, kind="own"))
    need_part(tiny_beats, replace(whole, name="cinc2017"))
    need_part(tiny_beats, replace(whole, entries=(replace(whole.entries[0], labels=("N",)),)))
    with pytest.raises(SettingsError, match="expected --part"):
        need_part(tiny_beats, whole)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (["101"], "1 of 3 recordings are among those that tiny-beats learnt from: their scores"),
        (["101", "102", "202"], "all 3 recordings are among those that tiny-beats learnt from: the scores"),
        (["101", "201"], "2 of 3 recordings are among those that tiny-beats learnt from, or of the same "
         "people: their scores"),
        (["999"], None),
    ],
)  # fmt: skip
def test_it_is_said_how_many_recordings_the_model_has_seen(
    tiny_beats: Bundle, capsys: pytest.CaptureFixture[str], seen: list[str], said: str | None
) -> None:
    whole = data(["101", "102", "201", "202"])
    say_seen(learnt(tiny_beats, *seen), whole, whole.subset([0, 1, 3]))
    assert capsys.readouterr().err == (f"mitdb: {said} are flattering\n" if said else "")


def test_of_recordings_without_patients_only_themselves_are_seen(tiny_beats: Bundle) -> None:
    whole = data(["101", "102"])
    strangers = replace(whole, entries=tuple(replace(entry, patient=None) for entry in whole.entries))
    found = seen_of(learnt(tiny_beats, "101"), strangers, strangers)
    assert (found.recordings, found.same_patient, found.is_known) == (("101",), (), True)

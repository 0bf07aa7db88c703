"""Which model answers which recording, and when it is loaded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from several_labels import shifted, ship, twelve_lead_bundle

import einthoven
from einthoven.bundle import Bundle, InputSpec
from einthoven.bundle.outline import Outline
from einthoven.errors import BundleError, RecordError
from einthoven.inference.choice import ModelChoice, classify, is_for
from einthoven.inference.files import predict_files
from einthoven.inference.prediction import Failure, Prediction
from einthoven.inference.runtime import Model
from einthoven.record import TWELVE_LEADS, Record

CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
TWELVE = InputSpec(100.0, TWELVE_LEADS, 5.0, 60.0, may_lack_leads=True)


def record(*leads: str) -> Record:
    return Record(np.zeros((len(leads), 600), np.float32), 100.0, leads)


@pytest.fixture
def loaded() -> list[str]:
    """Names of the models that were loaded."""
    return []


@pytest.fixture
def choice(tiny_bundle: Bundle, loaded: list[str]) -> ModelChoice:
    """Two models, each loaded when it is needed."""
    bundles = {bundle.name: bundle for bundle in (tiny_bundle, twelve_lead_bundle())}

    def load(name: str) -> Model:
        loaded.append(name)
        return Model(bundles[name])

    return ModelChoice([Outline.of(bundle) for bundle in bundles.values()], load)


@pytest.mark.parametrize(
    ("leads", "is_enough"),
    [
        (TWELVE_LEADS, True),
        (("I", "II", *CHEST), True),
        (("I", "III", "V1", "V6"), True),
        (("I", "II", "V1"), False),
        (("I", "II", "III", "aVR", "aVL", "aVF"), False),
        (("I", *CHEST), False),
        (("I", "aVR", *CHEST), True),
        (("I",), False),
        (tuple(f"lead {k}" for k in range(12)), False),
    ],
)
def test_eight_of_twelve_leads_are_enough(leads: tuple[str, ...], is_enough: bool) -> None:
    assert is_for(record(*leads), TWELVE) == is_enough


@pytest.mark.parametrize(
    ("leads", "is_enough"), [(("I", "II", *CHEST), True), (("I", *CHEST), False), (("II", *CHEST), False)]
)
def test_a_model_that_may_lack_none_needs_all(leads: tuple[str, ...], is_enough: bool) -> None:
    assert is_for(record(*leads), replace(TWELVE, may_lack_leads=False)) == is_enough


def test_one_lead_is_for_any_recording() -> None:
    assert is_for(record("RESP"), InputSpec(100.0, ("I",), 5.0, 60.0))


def test_each_recording_gets_the_model_for_its_leads(choice: ModelChoice, loaded: list[str]) -> None:
    few, many = shifted(0.0, leads=("I", "II")), shifted(0.0)
    assert choice.outline_for(many).name == "tiny12"
    assert choice.predict(few).model == "tiny"
    assert loaded == ["tiny"]
    assert choice.predict(many).model == "tiny12"
    assert choice.predict(many).labels == ("NSR",)
    assert loaded == ["tiny", "tiny12"]


def test_the_most_leads_win_and_the_first_of_as_many(choice: ModelChoice) -> None:
    one, twelve = choice.outlines
    three = replace(one, name="three", input=replace(TWELVE, leads=("I", "II", "V1")))
    many = ModelChoice([one, replace(one, name="other"), three, twelve], lambda name: pytest.fail(name))
    assert [many.outline_for(record(*leads)).name for leads in (TWELVE_LEADS, ("I", "II"), ("V1",))] == [
        "tiny12", "three", "tiny"]  # fmt: skip


def test_where_none_fits_that_of_fewest_leads_says_what_is_missing() -> None:
    bundle = twelve_lead_bundle()
    strict = replace(bundle, name="strict", input=replace(bundle.input, may_lack_leads=False))
    outlines = [
        Outline.of(strict),
        replace(Outline.of(strict), name="fewer", input=replace(TWELVE, leads=CHEST)),
    ]
    assert ModelChoice(outlines, lambda name: pytest.fail(name)).outline_for(record("I")).name == "fewer"
    with pytest.raises(RecordError, match="expected lead"):
        ModelChoice(outlines[:1], lambda _: Model(strict)).predict(shifted(0.0, leads=("I",)))


def test_many_are_answered_in_their_order(choice: ModelChoice) -> None:
    records = [
        shifted(0.0, name="a"),
        shifted(0.0, leads=("I",), name="b"),
        replace(shifted(0.0, name="c"), signal=np.zeros((12, 100), np.float32)),
        shifted(2.0, name="d"),
    ]
    seen: list[tuple[int, int]] = []
    answers = choice.predict_many([*records, "e"], lambda *done: seen.append(done))  # type: ignore[list-item]
    assert [getattr(answer, "model", None) for answer in answers] == ["tiny12", "tiny", None, "tiny12", None]
    assert [answer.record for answer in answers] == ["a", "b", "c", "d", ""]
    assert isinstance(answers[2], Failure)
    assert "expected at least 5 s" in answers[2].error
    assert isinstance(answers[3], Prediction)
    assert answers[3].labels == ("AF", "PAC")
    assert seen[-1] == (5, 5)
    assert choice.predict_many([]) == []


def only_moving(*moving: str, name: str = "r") -> Record:
    """Twelve leads of which only some move."""
    whole = shifted(0.0, name=name)
    signal = whole.signal.copy()
    signal[[lead not in moving for lead in whole.leads]] = 0
    return replace(whole, signal=signal)


def test_where_only_one_lead_is_usable_a_model_of_one_answers(choice: ModelChoice) -> None:
    answer = choice.predict(only_moving("I"))
    assert answer.model == "tiny"
    assert answer.leads_used == ("I",)
    assert answer.warnings[0].startswith("fewer than 2 usable leads: flat line: lead")
    assert answer.warnings[0].endswith(" not move: tiny answers in place of tiny12, from lead I")
    others = [shifted(0.0, name="a"), only_moving("I", name="b"), only_moving("V2", name="c")]
    answers = choice.predict_many([*others, only_moving("I", "II", name="d")])
    assert [(a.record, getattr(a, "model", None)) for a in answers] == [
        ("a", "tiny12"), ("b", "tiny"), ("c", "tiny"), ("d", "tiny12")]  # fmt: skip
    assert answers[2].leads_used == ("V2",)
    unanswered = choice.predict(only_moving())
    assert (unanswered.model, unanswered.abstained) == ("tiny12", True)
    assert not any("in place of" in line for line in (*choice.predict(shifted(0.0)).warnings,))


@pytest.mark.parametrize(
    "made",
    [only_moving("I"), only_moving("I", "II"), only_moving("V2"), shifted(0.0), shifted(2.0, leads=("I",))],
)
def test_who_answers_is_known_without_asking_a_network(
    choice: ModelChoice, made: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = choice.predict(made)
    for outline in choice.outlines:
        monkeypatch.setattr(choice.load_model(outline.name), "_networks", [])
    chosen = choice.answering(made)
    assert chosen.model is choice.load_model(answer.model)
    assert chosen.why == next((line for line in answer.warnings if "answers in place of" in line), "")


def test_who_answers_is_one_model_only_where_it_must_be(choice: ModelChoice, loaded: list[str]) -> None:
    assert choice.answering(shifted(0.0, leads=("I",))).model.name == "tiny"
    assert loaded == ["tiny"]
    short = shifted(0.0)
    with pytest.raises(RecordError, match="expected at least 5 s"):
        choice.answering(replace(short, signal=short.signal[:, :100]))
    several = choice.only(lambda outline: outline.is_multi_label)
    assert several is not None
    assert several.answering(only_moving("I")).model.name == "tiny12"


def test_without_a_model_of_one_lead_the_refusal_stands(choice: ModelChoice) -> None:
    several = choice.only(lambda outline: outline.is_multi_label)
    assert several is not None
    answer = several.predict(only_moving("I"))
    assert (answer.model, answer.abstained) == ("tiny12", True)


def test_what_the_other_model_refuses_stays_refused(tiny_bundle: Bundle) -> None:
    short = replace(tiny_bundle, input=replace(tiny_bundle.input, max_duration_s=9.0))
    bundles = {bundle.name: bundle for bundle in (short, twelve_lead_bundle())}
    choice = ModelChoice([Outline.of(b) for b in bundles.values()], lambda name: Model(bundles[name]))
    assert choice.predict(only_moving("I")).model == "tiny12"
    assert choice.answering(only_moving("I")).model.name == "tiny12"


def test_what_is_no_record_is_refused_as_by_a_model(choice: ModelChoice) -> None:
    with pytest.raises(RecordError, match="expected a Record"):
        choice.predict("recording.hea")  # type: ignore[arg-type]


def test_one_model_is_no_choice(tiny_bundle: Bundle) -> None:
    model = Model(tiny_bundle)
    choice = ModelChoice.of(model)
    assert choice.model_for(shifted(0.0)) is model
    assert choice.inputs == model.inputs == (tiny_bundle.input,)


def test_only_some_models(choice: ModelChoice, loaded: list[str]) -> None:
    single = choice.only(lambda outline: not outline.is_multi_label)
    assert single is not None
    assert single.predict(shifted(0.0)).model == "tiny"
    assert loaded == ["tiny"]
    assert choice.only(lambda outline: outline.is_of_beats) is None


def test_the_longest_that_any_takes_is_read(choice: ModelChoice, tmp_path: Path) -> None:
    def header(duration_s: int) -> Path:
        path = tmp_path / f"r{duration_s}.hea"
        path.write_text(f"r{duration_s} 1 100 {100 * duration_s}\nr{duration_s}.dat 16 200 16 0 0 0 0 I\n")
        return path

    def read(path: Path) -> Record:
        raise RecordError(f"{path}: read")

    # 10 min and 1 h.
    found = list(predict_files(choice, [header(3500), header(3700)], read))
    assert [isinstance(answer, Failure) and answer.error == "read" for answer in found] == [True, False]


def test_the_shipped_models(
    tiny_bundle: Bundle, tiny_beats: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ship(monkeypatch, tmp_path, tiny_beats)
    with pytest.raises(BundleError, match="expected a model of whole recordings in the package, found none"):
        ModelChoice.shipped()
    ship(monkeypatch, tmp_path, tiny_bundle, twelve_lead_bundle())
    assert [outline.name for outline in ModelChoice.shipped(threads=1).outlines] == ["tiny", "tiny12"]
    assert classify(shifted(0.0)).model == "tiny12"
    assert einthoven.classify(shifted(0.0, leads=("I",))).model == "tiny"
    assert einthoven.ModelChoice is ModelChoice


def test_a_model_that_is_not_needed_may_be_damaged(
    tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ship(monkeypatch, tmp_path, tiny_bundle, twelve_lead_bundle())
    path, network = tmp_path / "tiny12.einthoven", twelve_lead_bundle().networks[0]
    content = path.read_bytes()
    assert content.count(network) == 1
    path.write_bytes(content.replace(network, network[:-1] + b"?"))
    choice = ModelChoice.shipped()
    assert choice.predict(shifted(0.0, leads=("I",))).model == "tiny"
    with pytest.raises(BundleError, match="damaged"):
        choice.predict(shifted(0.0))

"""What a card says of how a model was trained: calls, networks each once, teachers, and gaps as gaps."""

from dataclasses import replace
from typing import Any

from einthoven.apps.card.training import training_section
from einthoven.bundle import Bundle


def told(bundle: Bundle, facts: dict[str, Any]) -> list[str]:
    return training_section(replace(bundle, provenance=facts)).splitlines()


def test_settings_are_written_as_the_calls_they_come_from(measured: Bundle, facts: dict[str, Any]) -> None:
    facts["training"]["augmentations"].append({"augmentation": "Gain", "low": 0.7, "probability": None})
    lines = told(measured, facts)
    assert "| recipe | `rhythm`, budget `cpu` |" in lines
    assert "| augmentations | `Crop(max_s=30.0)`, `Gain(low=0.7)` |" in lines
    assert "| other settings | `batch_size=32, teacher_weight=0.5` |" in lines
    assert "| versions | einthoven 0.1.0, torch 2.13.0+cpu |" in lines


def test_a_network_that_judges_itself_is_listed_once(measured: Bundle, facts: dict[str, Any]) -> None:
    facts["judged_by"] = [*facts["judged_by"], facts["networks"][0]]
    lines = told(measured, facts)
    assert [line.split(" | ")[:2] for line in lines if line.startswith(("| shipped", "| judged"))] == [
        ["| shipped", "none"], ["| judged", "0"], ["| judged", "1"], ["| judged", "2"],
    ]  # fmt: skip


def test_every_phase_and_what_it_began_with_is_told(measured: Bundle, facts: dict[str, Any]) -> None:
    facts["networks"][0] |= {"epochs": [["lstm", 4], [], "odd", ["joint", 18]], "init": "c" * 64}
    lines = told(measured, facts)
    assert (
        "| shipped | none | 3 | 1,200 | lstm 4, joint 18 from the weights `cccccccccccc` | `aaaaaaaaaaaa` |"
        in (lines)
    )


def test_only_a_pupil_has_a_teacher(measured: Bundle, facts: dict[str, Any]) -> None:
    assert "Distilled" not in "".join(told(measured, facts))
    facts["networks"][0]["distilled"] = True
    assert told(measured, facts)[-1].startswith(
        "Distilled: a share of 0.500 of the loss is a teacher's answers."
    )
    del facts["training"]["teacher_weight"]
    assert told(measured, facts)[-1].startswith("Distilled: a share of not measured of the loss")


def test_what_is_not_stated_is_said_to_be_so(measured: Bundle) -> None:
    assert told(measured, {}) == [
        "|  |  |",
        "| --- | --- |",
        "| recipe | not stated, budget not stated |",
        "| versions | not stated  |",
    ]


def test_machines_behind_the_networks_are_told(several: Bundle, label_facts: dict[str, Any]) -> None:
    last = told(several, label_facts)[-1]
    assert last.startswith(
        "Behind each network: support vector machines, fitted to 90 to 92 recordings that it kept back. Of 2 "
        "classes, at most, there was too little to learn"
    )
    for item in label_facts["networks"]:
        item |= {"head_notes": [], "n_head_train": None}
    assert told(several, label_facts)[-1] == (
        "Behind each network: support vector machines, fitted to not stated recordings that it kept back."
    )
    for item in label_facts["networks"]:
        del item["head"]
    assert "Behind each network" not in "".join(told(several, label_facts))

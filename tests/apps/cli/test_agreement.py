"""Right, wrong, or neither: what an answer and a truth have in common decides."""

from typing import Any

import pytest
from several_labels import twelve_lead_bundle

from einthoven.apps.cli.agreement import Truth, agrees, set_of
from einthoven.bundle.outline import Outline


def test_classes_that_both_name_are_compared_in_the_order_of_the_model() -> None:
    model = Outline.of(twelve_lead_bundle())
    assert Truth({}, ("MI", "PAC", "XYZ")).compared(model) == ("PAC", "MI")
    assert Truth({"a": ""}, ()).compared(model) == ()


@pytest.mark.parametrize(
    ("labels", "truth", "compared", "is_so"),
    [
        (["AF", "PAC"], "PAC + AF", ("AF", "PAC"), True),
        (["AF"], "PAC + AF", ("AF", "PAC"), False),
        (["AF", "PAC"], "AF", ("AF", "PAC"), False),
        (["AF", "PAC"], "AF", ("AF",), True),
        (["PAC"], "AF", ("AF",), False),
        (["NSR"], "", ("AF", "PAC"), True),
        (["AF"], "", ("AF", "PAC"), False),
        (["AF"], "AF + XYZ", ("AF",), True),
        (["AF"], "XYZ", (), None),
        ([], "", (), None),
    ],
)
def test_sets_agree_over_the_classes_that_are_compared(
    labels: list[str], truth: str, compared: tuple[str, ...], is_so: bool | None
) -> None:
    item = {"labels": labels, "truth": truth}
    assert agrees(item, compared, is_multi_label=True) is is_so
    failed = agrees({"error": "x", "truth": truth}, compared, is_multi_label=True)
    assert failed is (None if is_so is None else False)


@pytest.mark.parametrize(
    ("item", "is_so"),
    [
        ({"labels": ["N"], "truth": "N"}, True),
        # That nobody has it in the table makes no other class right.
        ({"labels": ["O"], "truth": "N"}, False),
        ({"labels": [], "truth": "N"}, False),
        ({"error": "x", "truth": "A"}, False),
        ({"labels": ["N"], "truth": "MI"}, None),
        ({"labels": ["N"], "truth": "N + A"}, None),
        ({"labels": ["N"], "truth": ""}, None),
        ({"error": "x", "truth": "MI"}, None),
    ],
)
def test_one_class_is_right_or_wrong_where_the_true_one_is_among_the_models(
    item: dict[str, Any], is_so: bool | None
) -> None:
    assert agrees(item, ("N", "A"), is_multi_label=False) is is_so


def test_a_truth_is_a_set() -> None:
    assert (set_of("B + A"), set_of("")) == ({"A", "B"}, set())

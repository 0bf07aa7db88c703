"""What was measured after everything had been chosen, on recordings that were kept for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from einthoven.apps.card.facts import ECTOPIC, NOT_STATED, count, percent, score, share
from einthoven.apps.card.markdown import code, plain, table
from einthoven.bundle.facts import is_number, listed, stated
from einthoven.bundle.tested import stated_tests
from einthoven.training.ancestry import bundle_ancestry

if TYPE_CHECKING:
    from einthoven.bundle import Bundle

_WAYS = {"annotated": "At annotated R peaks", "found": "At R peaks that einthoven finds"}
_COLUMNS = ("F1", "recall", "precision", "precision (EC57)", "false positive rate")
_HEADINGS = ("F1", "recall (sensitivity)", "precision (+P)", "precision (EC57)", "false positive rate")
_OVERALL = {
    "Accuracy": ("recall", "overall"),
    "balanced accuracy": ("balanced accuracy", "overall"),
    "mean F1": ("F1", "overall"),
    "mean F1 (EC57)": ("F1 (EC57)", "overall"),
}
_LEGEND = (
    "EC57: without what AAMI EC57 calls neither right nor wrong, V for an F or Q beat and S for a Q beat; in "
    "all other figures every confusion counts. A found R peak is that of an annotated beat within 150 ms. "
    "Ventricular flutter is left out. In brackets 95 % bootstrap intervals over patients."
)


def headlines_of_tests(bundle: Bundle) -> list[str]:
    """Return the figures that a reader takes away, of recordings that did not train the model."""
    lines: list[str] = []
    if not bundle_ancestry(bundle.provenance).is_known:
        return lines
    for test in stated_tests(bundle):
        f1 = [(name, stated(test, "scores", "F1", name)) for name in ECTOPIC]
        told = ", ".join(f"F1 of {code(name)} {score(value)}" for name, value in f1 if value is not None)
        if told and not _seen(test):
            size = count(test.get("n_records"))
            lines.append(
                f"{_title(test)}: **{told}** over {size} heartbeats of other patients. {_looked(test)}."
            )
    return lines


def section_of_tests(bundle: Bundle) -> str:
    """Return the scores of every test that was written into a bundle."""
    tests = stated_tests(bundle)
    if not tests:
        name = plain(bundle.name)
        command = f"einthoven evaluate --model {name} --data FOLDER --part ds2 --write-into {name}.einthoven"
        return f"Not measured. {code(command)} measures it on DS2 of MIT-BIH and states it here."
    is_known = bundle_ancestry(bundle.provenance).is_known
    return "\n\n".join([*(_one(test, is_known=is_known) for test in tests), _LEGEND])


def _one(test: Mapping[str, Any], *, is_known: bool) -> str:
    """is_known : whether all that the model learnt from is."""
    classes = [str(name) for name in listed(test, "classes")]
    parts = [f"### {_title(test)}", _whose(test, is_known=is_known)]
    parts += [_classes(test, classes), _overall(test), _sure(test)]
    return "\n\n".join(filter(None, [*parts, _confusion(test, classes)]))


def _title(test: Mapping[str, Any]) -> str:
    way = _WAYS.get(str(test.get("way")), plain(test.get("way")))
    part = f", part {plain(test['part'])}" if test.get("part") else ""
    return f"{way}: {plain(test.get('dataset'))}{part}"


def _seen(test: Mapping[str, Any]) -> list[str]:
    """Return the recordings of which the model has seen some of the same patient."""
    return [plain(name) for name in (*listed(test, "seen"), *listed(test, "same_patient"))]


def _whose(test: Mapping[str, Any], *, is_known: bool) -> str:
    size = (
        f"{count(test.get('n_records'))} heartbeats of {count(test.get('n_recordings'))} recordings and "
        f"{count(test.get('n_patients'))} patients"
    )
    origin = "none of them trained the model"
    if seen := _seen(test):
        origin = f"**of the patients of {', '.join(seen)} the model has seen recordings**: it is flattered"
    elif not is_known:
        origin = "whether some of them trained the model is not known"
    failed = test.get("failed")
    names = ", ".join(map(plain, failed)) if isinstance(failed, Mapping) else ""
    lost = f" Left out, as they could not be used: {names}." if names else ""
    command = f" {code(test['command'])}" if test.get("command") else ""
    return f"{size}; {origin}. {_looked(test)}.{lost}{command}"


def _looked(test: Mapping[str, Any]) -> str:
    looks = test.get("looks")
    if not is_number(looks):
        return f"How often it was looked at: {NOT_STATED}"
    return f"Looked at {'once' if looks == 1 else f'{count(looks)} times'}"


def _classes(test: Mapping[str, Any], classes: list[str]) -> str:
    sizes = [
        sum(filter(is_number, row)) for row in listed(test, "confusion") if isinstance(row, list | tuple)
    ]
    rows = [
        [code(name), count(size), *(score(stated(test, "scores", measure, name)) for measure in _COLUMNS)]
        for name, size in zip(classes[:-1], sizes, strict=False)
    ]
    return table(("class", "heartbeats", *_HEADINGS), rows) if rows else ""


def _overall(test: Mapping[str, Any]) -> str:
    return (
        "; ".join(f"{name}: {score(stated(test, 'scores', *keys))}" for name, keys in _OVERALL.items()) + "."
    )


def _sure(test: Mapping[str, Any]) -> str:
    return (
        f"It is sure of {percent(test.get('coverage'))} of them, and {percent(test.get('sure_accuracy'))} of "
        f"these are named right; expected calibration error {share(test.get('calibration_error'))}, Brier "
        f"score {share(test.get('brier'))}."
    )


def _confusion(test: Mapping[str, Any], classes: list[str]) -> str:
    rows = [row for row in listed(test, "confusion") if isinstance(row, list | tuple)]
    text = "A row an annotated class, a column an answer"
    if rows and not any([*rows[-1], *(row[-1] for row in rows if row)]):
        # Of beats at annotated R peaks none is missed, nor any found where there is none.
        rows, classes = [row[:-1] for row in rows[:-1]], classes[:-1]
    else:
        text += f"; {code('none')}: beats that are not annotated (row), or were not found (column)"
    lines = [[code(name), *map(count, row)] for name, row in zip(classes, rows, strict=False)]
    return f"{text}:\n\n{table(['', *map(code, classes)], lines)}" if lines else ""

"""Labels that contradict each other: how often experts give them together, and how often ecg12 does.

`EINTHOVEN_DATA=DIR python -m bench.contradictions` looks at the data set twelve-leads below DIR, and at the
challenge's copies of PTB-XL, which the model has not learnt from.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from einthoven import ModelChoice, load
from einthoven.datasets import Dataset, open_data
from einthoven.datasets.cinc2020 import open_cinc2020
from einthoven.datasets.dataset import Entry
from einthoven.datasets.twelve_leads import COPIED_SOURCE
from einthoven.inference.contradictions import CODES, excluded_pairs
from einthoven.inference.prediction import Prediction

NORMAL = "NORM"
REASON = " contradict"


def main() -> None:
    """Print how often each pair is given, by experts and by the model, and what becomes not sure for it."""
    folder = Path(os.environ["EINTHOVEN_DATA"])
    dataset = open_data(folder, "twelve-leads")
    choice = ModelChoice.of(load("ecg12", threads=1))
    answers = _answers(choice, dataset, range(len(dataset)))
    _print_pairs(dataset.entries, answers)
    _print_share("that it learnt from", _judged(dataset, range(len(dataset)), answers), answers)
    known = {int(entry.record_id) for entry in dataset.entries if entry.source == "ptbxl"}
    challenge = open_cinc2020(folder, synonyms=True)
    unseen = [
        row
        for row, entry in enumerate(challenge.entries)
        if entry.source == COPIED_SOURCE and int(entry.record_id.removeprefix("HR")) not in known
    ]
    answers = _answers(choice, challenge, unseen)
    _print_share("copied from others of PTB-XL", _judged(challenge, unseen, answers), answers)


def _answers(choice: ModelChoice, dataset: Dataset, rows: Sequence[int]) -> list[Prediction]:
    answers = choice.predict_many([dataset.read(row) for row in rows])
    answered = [answer for answer in answers if isinstance(answer, Prediction)]
    assert len(answered) == len(rows)
    return answered


def _judged(dataset: Dataset, rows: Sequence[int], answers: Sequence[Prediction]) -> list[bool]:
    """Tell which answers have just the classes that the recordings have, of those that were judged."""
    known = [set(dataset.classes) - set(dataset.entries[row].unjudged) for row in rows]
    return [
        set(answer.labels) & of_row == set(dataset.entries[row].labels)
        for answer, row, of_row in zip(answers, rows, known, strict=True)
    ]


def _print_pairs(entries: Sequence[Entry], answers: Sequence[Prediction]) -> None:
    """Print each pair that counts, and each of NORM or of two rhythms that does not."""
    excluded = {frozenset(pair) for pair in excluded_pairs()}
    rhythms = {"NSR", "SA", "SB", "STach", "Brady", "AF", "AFL", "PR"}
    names = [*dict.fromkeys(CODES.values()), "PVC", "TAb", "TInv", "QAb", "LQRSV", "MI", "STTC", "CD", "HYP"]
    given = Counter(frozenset(pair) for answer in answers for pair in combinations(answer.labels, 2))
    print("| pair | counts | given by experts | of those with the rarer class | given by the model |")
    print("| --- | --- | --- | --- | --- |")
    for pair in combinations([NORMAL, *names], 2):
        both = frozenset(pair)
        if both not in excluded and NORMAL not in both and not both <= rhythms:
            continue
        judged = [set(entry.labels) for entry in entries if not both & set(entry.unjudged)]
        rarer = min(sum(name in labels for labels in judged) for name in pair)
        n = sum(both <= labels for labels in judged)
        share = f"{100 * n / rarer:.0f} % of {rarer}" if rarer else "0"
        counts = "yes" if both in excluded else ""
        print(f"| {' and '.join(pair)} | {counts} | {n} | {share} | {given[both]} |")


def _print_share(which: str, is_right: Sequence[bool], answers: Sequence[Prediction]) -> None:
    found = [row for row, answer in enumerate(answers) if REASON in (answer.abstain_reason or "")]
    n = len(answers)
    print(f"\nnot sure for this: {len(found)} of {n} recordings {which} ({100 * len(found) / n:.1f} %)")
    for whose, rows in (("these", found), ("the others", sorted(set(range(n)) - set(found)))):
        right = sum(is_right[row] for row in rows)
        print(f"exactly right of {whose}, as far as judged: {right} of {len(rows)}")
    for reason, count in Counter(answers[row].abstain_reason for row in found).most_common():
        print(f"{count:4d} {reason}")


if __name__ == "__main__":
    main()

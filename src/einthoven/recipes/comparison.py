"""Published tables beside our own figures, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from einthoven.recipes.recipe import ExpectedRow, ExpectedTable, Recipe
from einthoven.training.evaluate import Evaluation


@dataclass(frozen=True)
class Comparison:
    """A published table, and for each of its rows what we measured, if anything."""

    table: ExpectedTable
    rows: tuple[tuple[ExpectedRow, tuple[Evaluation, ...]], ...]


def compare(evaluations: Sequence[Evaluation], recipes: dict[str, Recipe]) -> tuple[Comparison, ...]:
    """Set evaluations beside the published rows that they reproduce.

    Parameters
    ----------
    evaluations : of any recipes; those without a published table are left out
    recipes : name -> recipe

    Returns
    -------
    Every table that at least one evaluation belongs to, in the order of publication.
    """
    found: dict[tuple[str, str], list[Evaluation]] = {}
    tables: list[ExpectedTable] = []
    for evaluation in evaluations:
        recipe = recipes.get(evaluation.protocol.recipe)
        expected = None if recipe is None else recipe.expected(evaluation.protocol)
        if expected is None:
            continue
        table, row = expected
        found.setdefault((table.title, row.name), []).append(evaluation)
        if table not in tables:
            tables.append(table)
    return tuple(
        Comparison(table, tuple((row, tuple(found.get((table.title, row.name), ()))) for row in table.rows))
        for table in sorted(tables, key=lambda table: table.title)
    )

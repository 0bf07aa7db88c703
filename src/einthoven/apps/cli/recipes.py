"""`einthoven recipes`: what can be trained."""

from __future__ import annotations

from einthoven.apps.cli.output import FormatOption, ResultsOption, check_output, emit, plain_layout


def recipes(wanted: FormatOption = None, output: ResultsOption = None) -> None:
    """List what can be trained with one command.

    [bold]Examples[/bold]

    einthoven recipes

    einthoven recipes --format json
    """
    from dataclasses import asdict

    from einthoven.recipes import RECIPES

    check_output(wanted, output)
    items = [
        {
            "name": recipe.name,
            "title": recipe.title,
            "dataset": recipe.dataset,
            "budgets": list(recipe.budgets),
            "options": asdict(recipe.options),
            "citation": recipe.citation,
            "differences": list(recipe.differences),
        }
        for recipe in RECIPES.values()
    ]
    shown = ("name", "title", "dataset", "budgets", "options", "citation")
    emit(items, plain_layout(shown, "recipe"), wanted, output)

"""`einthoven recipes`."""

import json


def test_recipes_are_listed(run) -> None:
    items = [json.loads(line) for line in run("recipes", "--format", "json").out.splitlines()]
    assert {"rhythm", "zihlmann2017-cnn", "zihlmann2017-crnn"} <= {item["name"] for item in items}
    assert all(item["budgets"][0] == "cpu" for item in items)

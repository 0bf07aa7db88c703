"""The examples in docstrings do what they say."""

import doctest
import importlib
import pkgutil

import pytest

import einthoven

# einthoven.__main__ runs the command line when it is imported.
MODULES = [
    m.name for m in pkgutil.walk_packages(einthoven.__path__, "einthoven.") if "__main__" not in m.name
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS).failed == 0


def test_some_modules_have_examples() -> None:
    finder = doctest.DocTestFinder()
    found = [t for name in MODULES for t in finder.find(importlib.import_module(name)) if t.examples]
    assert len(found) > 5

"""What a recipe is: a published system, ready to be trained, and the table it is measured by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import Any, Literal, get_args, get_origin, get_type_hints

from einthoven.bundle.model import Label
from einthoven.errors import SettingsError
from einthoven.training.protocol import Protocol
from einthoven.training.settings import Others, resolve

NO_DEVICE = "It is no medical device: nobody's treatment may depend on its answers."
"""The last of the limits that every recipe states."""


@dataclass(frozen=True)
class ExpectedRow:
    """One row of a published table, in percent; what is not stated is None, or the whole tuple empty.

    name : what the row shows
    recall, f1 : of each of the table's classes (the paper calls recall accuracy, or sensitivity)
    accuracy : share of correct recordings, or heartbeats
    f1_average : F1avg
    precision : of each class; of heartbeats it is called positive predictivity
    balanced_accuracy : mean recall
    measures : other figures over all classes, such as F2, by name
    """

    name: str
    recall: tuple[float | None, ...] = ()
    f1: tuple[float | None, ...] = ()
    accuracy: float | None = None
    f1_average: float | None = None
    precision: tuple[float | None, ...] = ()
    balanced_accuracy: float | None = None
    measures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class ExpectedTable:
    """A published table.

    title : as cited
    classes : of its columns
    rows : its rows
    folds : that must have been run for the figures to be comparable; None: any
    """

    title: str
    classes: tuple[str, ...]
    rows: tuple[ExpectedRow, ...]
    folds: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Recipe:
    """A system that can be trained with one command.

    name, title, citation : what it is called, what it does, where it comes from
    dataset : name of the data set it is made for
    budgets : what it can be trained with; the first is the default
    options : its own settings, a frozen dataclass with their defaults
    build : (budget, options) -> Protocol
    tables : published tables to compare with
    rows : names of the rows to set beside this recipe's figures
    table_of : position of the table that a protocol belongs to, or None
    fold_of : the fold that tests a run of a protocol unless another one is asked for
    division : which data a protocol uses and how it divides it, in words for the heading of its figures;
        empty where there is nothing to say
    differences : where it differs from what was published, and what each budget changes
    limits : what users of a model trained on `dataset` should know, one sentence each
    attribution : whose data that is, and under which licence
    labels : what the classes of `dataset` mean
    n_published : recordings that whoever published `dataset` made public with their labels
    """

    name: str
    title: str
    citation: str
    dataset: str
    budgets: tuple[str, ...]
    options: Any
    build: Callable[[str, Any], Protocol]
    tables: tuple[ExpectedTable, ...] = ()
    rows: tuple[str, ...] = ()
    table_of: Callable[[Protocol], int | None] = lambda _: 0
    fold_of: Callable[[Protocol], int] = lambda _: 0
    division: Callable[[Protocol], str] = lambda _: ""
    differences: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    attribution: str = ""
    labels: tuple[Label, ...] = ()
    n_published: int | None = None

    def protocol(self, budget: str | None = None, **options: Any) -> Protocol:
        """Return what a run of this recipe does.

        Parameters
        ----------
        budget : one of `budgets`; None: the first
        options : values of the recipe's own settings

        Raises
        ------
        SettingsError if the budget or an option is unknown, or a value is out of range.
        """
        budget = self.budgets[0] if budget is None else budget
        if budget not in self.budgets:
            raise SettingsError(
                f"{self.name}: expected a budget of {', '.join(self.budgets)}, found {budget}"
            )
        return self.build(budget, resolve(self.options, {k: str(v) for k, v in options.items()}))

    def resolve(self, budget: str | None = None, overrides: Mapping[str, str] | None = None) -> Protocol:
        """Return the protocol with settings given as text: the recipe's own options, and any of the protocol.

        Raises SettingsError if a key is unknown (the message lists those that are known, the recipe's own
        first), or a value is not of its type.
        """
        overrides = overrides or {}
        own = tuple(field.name for field in fields(self.options))
        protocol = self.protocol(budget, **{k: v for k, v in overrides.items() if k in own})
        rest = {k: v for k, v in overrides.items() if k not in own}
        return resolve(protocol, rest, Others(f"options of {self.name}", own) if own else None)

    def closest(self, budget: str, protocol: Protocol) -> tuple[dict[str, Any], Protocol]:
        """Return the options, other than the usual ones, whose protocol differs least from one, and that.

        Raises SettingsError if the budget is unknown.
        """
        from einthoven.training.run_folder import differing_keys

        usual = asdict(self.options)
        ours = protocol.to_json()
        found: list[tuple[int, int, dict[str, Any], Protocol]] = []
        for values in product(*(_choices(self.options, name) for name in usual)):
            others = {name: value for name, value in zip(usual, values, strict=True) if value != usual[name]}
            try:
                theirs = self.protocol(budget, **others)
            except SettingsError:
                if not others:
                    raise
                # Options that exclude each other.
                continue
            found.append((len(differing_keys(theirs.to_json(), ours)), len(others), others, theirs))
        _, _, options, closest = min(found, key=lambda one: one[:2])
        return options, closest

    def expected(self, protocol: Protocol) -> tuple[tuple[ExpectedTable, ExpectedRow], ...]:
        """Return the published rows to set beside a run of this protocol, each with its table."""
        position = self.table_of(protocol)
        if not self.tables or position is None:
            return ()
        table = self.tables[position]
        return tuple((table, row) for row in table.rows if row.name in self.rows)


def check_choices(options: object) -> None:
    """Check a recipe's own settings: each whose type is a Literal has one of its values.

    Raises SettingsError if one has another.
    """
    for name, kind in get_type_hints(type(options)).items():
        if get_origin(kind) is Literal and getattr(options, name) not in get_args(kind):
            raise SettingsError(f"expected {name} of {', '.join(get_args(kind))}, "
                                f"found {getattr(options, name)!r}")  # fmt: skip


def _choices(options: object, name: str) -> tuple[Any, ...]:
    """Return the values that an option can have; where they are not to be listed, the one that it has."""
    kind = get_type_hints(type(options))[name]
    if get_origin(kind) is Literal:
        return get_args(kind)
    return (False, True) if kind is bool else (getattr(options, name),)

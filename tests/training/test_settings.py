"""Settings by key=value: every kind of field, and what is refused."""

from dataclasses import dataclass
from typing import Literal

import pytest

from einthoven.errors import SettingsError
from einthoven.training.settings import Others, known_keys, resolve


@dataclass(frozen=True)
class Inner:
    width: int = 4
    strides: tuple[int, ...] = (1, 2)
    widths: tuple[int, ...] = (3, 3)

    def __post_init__(self) -> None:
        if len(self.strides) != len(self.widths):
            raise SettingsError("as many strides as widths")


@dataclass(frozen=True)
class Outer:
    name: str = "x"
    rate: float = 0.5
    frozen: bool = False
    kind: Literal["a", "b"] = "a"
    patience: int | None = None
    inner: Inner = Inner()
    parts: tuple[Inner, ...] = (Inner(), Inner())


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("name", "y=z", "y=z"),
        ("rate", "1e-3", 1e-3),
        ("frozen", "true", True),
        ("frozen", "No", False),
        ("kind", "b", "b"),
        ("patience", "7", 7),
        ("patience", "none", None),
        ("parts", "none", ()),
    ],
)
def test_a_field_takes_text_of_its_type(key: str, text: str, value: object) -> None:
    assert getattr(resolve(Outer(), {key: text}), key) == value


def test_dotted_keys_reach_into_settings_and_lists_of_them() -> None:
    changed = resolve(Outer(), {"inner.width": "8", "parts.1.width": "9"})
    assert changed.inner.width == 8
    assert [part.width for part in changed.parts] == [4, 9]


def test_settings_that_belong_together_are_set_together() -> None:
    changed = resolve(Outer(), {"inner.strides": "1,2,2", "inner.widths": "4, 5, 6"})
    assert changed.inner == Inner(strides=(1, 2, 2), widths=(4, 5, 6))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("rate", "fast"),
        ("frozen", "perhaps"),
        ("kind", "c"),
        ("patience", "1.5"),
        ("inner", "4"),
        ("inner.strides", "1"),
        ("parts.0", "4"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_key(key: str, text: str) -> None:
    with pytest.raises(SettingsError, match=key.replace(".", r"\.")):
        resolve(Outer(), {key: text})


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("zzz", "known here: name, rate, frozen, kind, patience, inner.*, parts.*"),
        ("name.zzz", "known here: name, rate, frozen, kind, patience, inner.*, parts.*"),
        ("inner.zzz", "known in inner: width, strides, widths"),
        ("parts.1.zzz", "known in parts.1: width, strides, widths"),
        ("parts.zzz", "known in parts: 0.*, 1.*"),
    ],
)
def test_an_unknown_key_is_refused_with_those_known_where_it_was_looked_for(key: str, known: str) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(Outer(), {key: "1"})
    assert str(caught.value) == f"unknown setting {key}; {known}"


@pytest.mark.parametrize("key", ["parts.0", "parts.2.width", "parts.width"])
def test_a_list_has_settings_by_number_only(key: str) -> None:
    with pytest.raises(SettingsError, match=f"unknown setting {key}[:;] .*known in parts"):
        resolve(Outer(), {key: "1"})


def test_known_keys_are_those_that_can_be_set() -> None:
    keys = known_keys(Outer())
    assert keys[:5] == ("name", "rate", "frozen", "kind", "patience")
    assert "parts.1.strides" in keys
    assert "inner" not in keys


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("rat", "rate"),
        ("widht", "inner.width, parts.0.width, parts.1.width"),
        # `inner.strides` begins as this does, and is like it in nothing else.
        ("inner.width1", "inner.width, inner.widths, parts.0.width"),
    ],
)
def test_the_names_most_like_an_unknown_one_come_first(key: str, nearest: str) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(Outer(), {key: "3"})
    assert str(caught.value).startswith(f"unknown setting {key}: did you mean {nearest}? known ")


def test_what_can_be_set_elsewhere_is_told_first() -> None:
    others = Others("options of it", ("split", "rate"))
    for key, said in {
        "splt": ": did you mean split? options of it: split, rate",
        "zzz": "; options of it: split, rate; settings of any recipe: name, frozen, kind, patience, inner.*, "
        "parts.*",
        "inner.zzz": "; known in inner: width, strides, widths",
        "rat": ": did you mean rate? options of it: split, rate",
    }.items():
        with pytest.raises(SettingsError) as caught:
            resolve(Outer(), {key: "3"}, others)
        assert str(caught.value) == f"unknown setting {key}{said}"

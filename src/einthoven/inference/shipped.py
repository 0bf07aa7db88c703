"""The models that come with the package, found by name."""

from __future__ import annotations

from importlib.resources import files
from os import PathLike
from pathlib import Path

from einthoven.bundle import Bundle, read_bundle
from einthoven.bundle.outline import Outline, read_outline
from einthoven.errors import BundleError

SUFFIX = ".einthoven"


def shipped_models() -> tuple[str, ...]:
    """Return the names of the models in the package, sorted."""
    # Named, not imported: the zoo lies above this floor and holds nothing but data.
    names = [entry.name for entry in files("einthoven.zoo").iterdir()]
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def shipped_outlines() -> tuple[Outline, ...]:
    """Return what the models in the package say of themselves, by name; their networks are not read.

    Raises BundleError if one of them is no bundle.
    """
    return tuple(_outline(name) for name in shipped_models())


def _outline(name: str) -> Outline:
    with (files("einthoven.zoo") / f"{name}{SUFFIX}").open("rb") as file:
        return read_outline(file, name)


def open_model(model: str | Path) -> Bundle:
    """Read the bundle of a model of the package, or of a file.

    Parameters
    ----------
    model : str or Path
        A name among `shipped_models()`, or the path of a bundle. A name goes before a file of that name;
        write `./rhythm` for the file.

    Raises
    ------
    BundleError
        If it is no name and no path, if there is neither such a model nor such a file, or if the bundle is
        damaged.
    """
    names = shipped_models()
    if not isinstance(model, str | PathLike):
        raise BundleError(f"expected the name of a model or the path of a bundle, "
                          f"found {type(model).__name__}")  # fmt: skip
    if isinstance(model, str) and model in names:
        return read_bundle((files("einthoven.zoo") / f"{model}{SUFFIX}").read_bytes())
    if not Path(model).exists():
        raise BundleError(f"{model}: expected a model of the package ({', '.join(names) or 'none'}) "
                          f"or the path of a bundle, found neither")  # fmt: skip
    _check_file(Path(model))
    return read_bundle(Path(model))


def _check_file(path: Path) -> None:
    """Refuse what needs no look inside: a folder, which opening it would call a directory, an empty file."""
    if path.is_dir():
        is_run = (path / "run.json").is_file()
        hint = f", of a run: einthoven pack {path} -o NAME.einthoven makes a bundle of it" if is_run else ""
        raise BundleError(f"{path}: expected a bundle file, found a folder{hint}")
    if path.is_file() and path.stat().st_size == 0:
        raise BundleError(f"{path}: expected a bundle file, found an empty file")

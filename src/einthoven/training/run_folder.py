"""The folder of a training run: settings, log, checkpoint, weights and scores."""

from __future__ import annotations

import contextlib
import csv
import json
import logging
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.dataset import first_few
from einthoven.errors import ECGError, RunError, SettingsError
from einthoven.training.ancestry import Ancestry, kind_of, seen_of
from einthoven.training.held_out_scores import HeldOutScores
from einthoven.training.protocol import Protocol

if TYPE_CHECKING:
    from einthoven.networks.network import Network
    from einthoven.training.features import Features

SETTINGS, DONE, WEIGHTS, SCORES, LOG = "run.json", "done.json", "weights.pt", "scores.npz", "log.csv"
FEATURES = "features.npz"
LOCK, CHECKPOINTS = ".lock", "checkpoints"
SCHEMA = 1
FREE = ("versions", "machine")
"""Settings that do not decide what a run does, only the last bits of its weights."""
DERIVED = "ancestors"
"""The setting that follows from others: what initial weights and teacher have seen."""
LOGGER = logging.getLogger(__name__)

_SETTINGS = {"protocol": dict, "dataset": dict, "versions": dict, "recipe": str, "budget": str}
_DONE = {"epochs": list, "seconds": (int, float), "n_train": int, "n_folds": int, "train_s": list,
         "weights_sha256": str}  # fmt: skip
# What NumPy and zipfile say of a file that was cut off, or is none of theirs.
_NONSENSE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Run:
    """A finished or unfinished training run.

    folder : where it is
    settings : run.json: recipe, budget, fold, protocol, dataset, ancestors, versions
    was_finished : `train` found it finished and did nothing
    """

    folder: Path
    settings: Mapping[str, Any]
    was_finished: bool = False

    @property
    def protocol(self) -> Protocol:
        """What the run does."""
        return Protocol.from_json(self.settings["protocol"])

    @property
    def fold(self) -> int | None:
        """The fold that tests it; None if it trained on everything."""
        fold: int | None = self.settings["fold"]
        return fold

    @property
    def ancestors(self) -> Ancestry:
        """What its initial weights and its teachers had seen before it began."""
        return Ancestry.from_json(self.settings[DERIVED])

    def ancestry(self) -> Ancestry:
        """Return what the run has seen, and its ancestors.

        Raises RunError if the run is not finished, or a file is damaged.
        """
        dataset, trained = self.settings["dataset"], self._trained_ids()
        held_out = self.scores().part("validation")
        stopped = (held_out.recordings or held_out.record_ids) if self.protocol.use_validation else ()
        parts = [seen_of(dataset, "trained", trained)]
        parts += [seen_of(dataset, "stopped", stopped)] if stopped else []
        return Ancestry(tuple(parts)) | self.ancestors

    @property
    def finished(self) -> bool:
        """Whether all phases are over."""
        return (self.folder / DONE).exists()

    def done(self) -> dict[str, Any]:
        """Return done.json: epochs, seconds, scores.

        Raises RunError if the run is not finished, or the file is damaged.
        """
        self._need(DONE)
        found = _read_json(self.folder / DONE)
        _check_kinds(found, _DONE, self.folder / DONE)
        if not all(_is_epochs(item) for item in found["epochs"]):
            raise RunError(f"{self.folder / DONE}: expected the epochs of each phase, "
                           f"found {found['epochs']!r:.60}")  # fmt: skip
        return found

    def log(self) -> list[dict[str, str]]:
        """Return the rows of log.csv, one an epoch."""
        if not (self.folder / LOG).exists():
            return []
        with (self.folder / LOG).open(newline="") as file:
            return list(csv.DictReader(file))

    def scores(self) -> HeldOutScores:
        """Return scores.npz. Raises RunError if the run is not finished, or the file is damaged."""
        place, n_classes = self.folder / SCORES, len(self.protocol.classes)
        with self._arrays() as found:
            ids, parts, patients = (tuple(found[n].tolist()) for n in ("record_ids", "part", "patient"))
            truth, logits = found["truth"], found["logits"]
            recordings = tuple(found["recording"].tolist()) if "recording" in found else ()
        shapes = (len(parts), len(patients), len(recordings or ids), truth.shape, logits.shape)
        of_truth = (len(ids), n_classes) if self.protocol.is_multi_label else (len(ids),)
        if shapes != (len(ids), len(ids), len(ids), of_truth, (len(ids), n_classes)):
            raise RunError(f"{place}: expected a part, a patient, a class and {n_classes} logits for each of "
                           f"{len(ids)} recordings, found {shapes}")  # fmt: skip
        return HeldOutScores(ids, truth, logits, parts, patients, (self.fold,) * len(ids), recordings)

    def features(self) -> Features:
        """Return features.npz, which runs of several labels have.

        Raises RunError if the run is not finished, or the file is damaged.
        """
        from einthoven.training.features import Features

        with self._arrays(FEATURES) as found:
            return Features.from_arrays(found, len(self.protocol.classes))

    def network(self) -> Network:
        """Return the trained network, in evaluation mode. Raises RunError if the run is not finished."""
        from einthoven.networks import build_network
        from einthoven.training.checkpoint import decode

        self._need(WEIGHTS)
        protocol = self.protocol
        settings = protocol.network_of(protocol.phases[-1])
        network = build_network(settings, n_leads=protocol.n_leads, n_classes=len(protocol.classes))
        network.load_state_dict(decode(self.folder / WEIGHTS))
        return network.eval()

    @contextlib.contextmanager
    def _arrays(self, name: str = SCORES) -> Iterator[Mapping[str, NDArray[Any]]]:
        """Give the arrays of a file, and turn what is wrong with them into a RunError."""
        self._need(name)
        place = self.folder / name
        try:
            # NumPy leaves a file open that it opened itself and could not read.
            with place.open("rb") as file, np.load(file, allow_pickle=False) as found:
                yield found
        except _NONSENSE as error:
            raise RunError(f"{place}: expected what a run wrote, found a damaged file: {error}") from error

    def _trained_ids(self) -> tuple[str, ...] | None:
        """Return the recordings that trained the run, or gave beats to; None if it does not state them."""
        with self._arrays() as found:
            return tuple(found["trained"].tolist()) if "trained" in found else None

    def _need(self, name: str) -> None:
        if not (self.folder / name).exists():
            raise RunError(f"{self.folder}: expected a finished run, found no {name} "
                           "(the command that began it continues it)")  # fmt: skip


def open_run(folder: str | Path) -> Run:
    """Open the folder of a run.

    Raises RunError if it is none, one of a newer version, or run.json is damaged.
    """
    place = Path(folder)
    if not (place / SETTINGS).exists():
        raise RunError(f"{place}: expected a training run, found no {SETTINGS}")
    settings = _read_json(place / SETTINGS)
    if settings.get("schema") != SCHEMA:
        raise RunError(f"{place}: expected a run of schema {SCHEMA}, found {settings.get('schema')}")
    _check_kinds(settings, _SETTINGS, place / SETTINGS)
    return Run(place, _completed(settings))


def _completed(settings: dict[str, Any]) -> dict[str, Any]:
    """Add what the runs of the published figures do not state.

    That is the kind of their data set, ancestors, and settings that there were not yet, at their defaults.
    """
    afresh = {"is_known": not (settings.get("init") or settings.get("teacher")), "parts": []}
    dataset = {**settings["dataset"], "kind": kind_of(settings["dataset"])}
    return {DERIVED: afresh, **settings, "dataset": dataset, "protocol": _in_full(settings["protocol"])}


def _in_full(protocol: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a protocol and those that it lacks; if they make no sense, as they are."""
    try:
        found: dict[str, Any] = json.loads(json.dumps(Protocol.from_json(protocol).to_json()))
    except SettingsError:
        # Whoever needs the protocol itself will be told.
        return protocol
    return found


def differing_keys(old: Any, new: Any, prefix: str = "") -> list[str]:
    """Name the entries in which two JSON values differ, by dotted path."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        pairs = [(f"{prefix}{key}.", old.get(key), new.get(key)) for key in keys]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(f"{prefix}{index}.", a, b) for index, (a, b) in enumerate(zip(old, new, strict=True))]
    else:
        return [] if old == new else [prefix.rstrip(".")]
    return [path for key, a, b in pairs for path in differing_keys(a, b, key)]


def check_same(run: Run, settings: Mapping[str, Any]) -> None:
    """Compare a folder's run with the settings of one that is to go on there.

    Versions and machine may differ, with a warning if the run is not finished: its weights will then not be
    those, to the last bit, that it would have ended with. A teacher is known by its content, not its path.

    Raises RunError naming the settings that differ.
    """
    keys = differing_keys(dict(run.settings), json.loads(json.dumps(settings)))
    keys = [key for key in keys if key != "protocol.teacher" and key.partition(".")[0] != DERIVED]
    free = [key for key in keys if key.partition(".")[0] in FREE]
    if fixed := [key for key in keys if key not in free]:
        raise RunError(f"{run.folder}: holds a run with other settings ({', '.join(fixed)}): "
                       "choose another folder")  # fmt: skip
    if free and not run.finished:
        LOGGER.warning("%s: goes on with other %s than it began with: it will not end with the same bytes",
                       run.folder, ", ".join(free))  # fmt: skip


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Make the folder of a run if it is not there, and keep a second process out of it, see `locked`.

    What is refused before there are settings leaves nothing behind that was not there.

    Raises RunError if the folder is in use for something else, cannot be made, or another process trains
    there.
    """
    _check_usable(folder)
    places = (folder / CHECKPOINTS, folder, *folder.parents)
    made = [place for place in places if not place.exists()]
    has_lock = (folder / LOCK).exists()
    try:
        places[0].mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{folder}: cannot be made: {error.strerror or error}") from error
    with locked(folder):
        try:
            yield
        except ECGError:
            if not (folder / SETTINGS).exists():
                _take_back(made, None if has_lock else folder / LOCK)
            raise


def _check_usable(folder: Path) -> None:
    """Refuse a folder of other things; what a run that was killed early left there is none of these."""
    if not folder.is_dir() or (folder / SETTINGS).exists():
        return
    own = (LOCK, CHECKPOINTS)
    names = sorted(path.name for path in folder.iterdir())
    others = [name for name in names if name not in own and not (name[0] == "." and ".partial" in name)]
    if others:
        raise RunError(f"{folder}: expected a new or empty folder, or that of a run, "
                       f"found {first_few(others)} in it")  # fmt: skip


def _take_back(folders: Sequence[Path], lock: Path | None) -> None:
    """Remove a lock and folders, the inner ones first; those in which something lies stay."""
    # Windows does not let go of a file that is open.
    with contextlib.suppress(OSError):
        if lock is not None:
            lock.unlink()
        for folder in folders:
            folder.rmdir()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a second process out of a run's folder; the lock ends with the process, however it ends.

    Raises RunError if another process holds it.
    """
    with (folder / LOCK).open("a") as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"{folder}: another process is training here") from None
        yield


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: expected JSON, found none that can be read: {error}") from error
    if not isinstance(found, dict):
        raise RunError(f"{path}: expected an object, found {type(found).__name__}")
    return found


def _check_kinds(found: Mapping[str, Any], kinds: Mapping[str, Any], path: Path) -> None:
    for name, kind in kinds.items():
        if not isinstance(found.get(name), kind):
            raise RunError(f"{path}: {name} is missing or of another kind, found {found.get(name)!r:.60}")


def _is_epochs(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], int)

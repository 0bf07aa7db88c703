"""A pipeline: steps applied one after the other, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from einthoven.errors import SettingsError
from einthoven.pipeline.steps import STEPS, Step
from einthoven.record import Signal


@dataclass(frozen=True, repr=False)
class Pipeline:
    """Steps applied one after the other.

    >>> from einthoven.pipeline import Bandpass, FillMissing, Resample
    >>> Pipeline(steps=(FillMissing(), Bandpass(0.5, 40.0), Resample(100.0)))
    Pipeline(steps=(
        FillMissing(),
        Bandpass(low_hz=0.5, high_hz=40.0, order=3),
        Resample(fs=100.0),
    ))
    """

    steps: tuple[Step, ...] = ()

    def __call__(self, signal: Signal, fs: float) -> tuple[Signal, float]:
        """Apply every step.

        Parameters
        ----------
        signal : (n_leads, n_samples) float32, mV
        fs : sampling rate, Hz

        Returns
        -------
        The network's input (n_leads, ..., time) and the rate of its last axis, Hz. `signal` stays as it is.
        """
        for step in self.steps:
            signal, fs = step(signal, fs)
        return signal, fs

    def __repr__(self) -> str:
        return "\n".join(["Pipeline(steps=(", *(f"    {step!r}," for step in self.steps), "))"])

    def to_json(self) -> list[dict[str, Any]]:
        """Return the steps as JSON objects, each with its class under "step" and its fields.

        Raises SettingsError if a step is not among STEPS: nobody could read it back.

        >>> from einthoven.pipeline import Resample
        >>> Pipeline((Resample(100.0),)).to_json()
        [{'step': 'Resample', 'fs': 100.0}]
        """
        return [_step_to_json(step) for step in self.steps]

    @classmethod
    def from_json(cls, objects: Sequence[Mapping[str, Any]]) -> Pipeline:
        """Build the pipeline that `to_json` wrote.

        Raises SettingsError naming the step or field that is unknown, missing or out of range.
        """
        if isinstance(objects, str | bytes | Mapping) or not isinstance(objects, Sequence):
            raise SettingsError(f"expected a list of pipeline steps, found {type(objects).__name__}")
        return cls(tuple(_step_from_json(position, item) for position, item in enumerate(objects)))


def _step_to_json(step: Step) -> dict[str, Any]:
    name = type(step).__name__
    if STEPS.get(name) is not type(step):
        raise SettingsError(f"expected steps among {', '.join(STEPS)}, found {name}")
    return {"step": name, **asdict(step)}  # type: ignore[call-overload]


def _step_from_json(position: int, item: Mapping[str, Any]) -> Step:
    where = f"pipeline step {position}"
    if not isinstance(item, Mapping) or not isinstance(item.get("step"), str):
        raise SettingsError(f'{where}: expected an object with "step", found {item!r}')
    name = item["step"]
    if name not in STEPS:
        raise SettingsError(f"{where}: expected one of {', '.join(STEPS)}, found {name}")
    known = [field.name for field in fields(STEPS[name])]
    given = {key: value for key, value in item.items() if key != "step"}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise SettingsError(
            f"{where}: {name} has the fields {', '.join(known) or '(none)'}, found {', '.join(unknown)}"
        )
    try:
        step: Step = STEPS[name](**given)
    except TypeError as error:
        raise SettingsError(
            f"{where}: expected the fields {', '.join(known)} of {name}, found {given}"
        ) from error
    return step

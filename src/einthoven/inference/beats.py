"""Models that name heartbeats: a bundle with a cut, checked, its networks running in ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.beat_chain import BeatChain
from einthoven.bundle import Bundle
from einthoven.decisions import average, softmax
from einthoven.errors import BundleError, RecordError, SettingsError
from einthoven.inference.heartbeats import Heartbeats
from einthoven.inference.kept_parts import beside, judged
from einthoven.inference.known_limits import knows_paced, missed_classes, missed_warning
from einthoven.inference.obstacles import (
    find_obstacle,
    has_reliable_beats,
    implausible_rate,
    likeness_warnings,
    pacing_reason,
    silent_lead,
    width_warning,
)
from einthoven.inference.preparation import lead_choice
from einthoven.inference.reliable_beats import unreliable_reason
from einthoven.inference.sealed_model import SealedModel, check_record
from einthoven.inference.shipped import open_model
from einthoven.record import Record, Signal
from einthoven.signal.beats import AroundRPeaks, BeatInputs, read_cut
from einthoven.signal.beats.cut import checked_rpeaks
from einthoven.signal.beats.told import ToldBeats, cut_told
from einthoven.signal.left_out import find_empty
from einthoven.signal.likeness import unlike_ecg
from einthoven.signal.pacing import spike_share, usual_qrs_ms
from einthoven.signal.quality import assess
from einthoven.signal.rate import heart_rate
from einthoven.signal.rpeaks import find_rpeaks

MIN_FS = 80.0
"""Below this rate, Hz, the shape of a QRS complex cannot be told."""
OBSTACLES = ("amplitude_mv", "mains_ratio", "unlike")
"""What makes every beat doubtful; where a lead is flat or missing there is no beat to doubt."""
BATCH = 256
"""Beats that the networks read at once."""


def load_beats(model: str | Path = "beats", *, threads: int | None = None) -> BeatModel:
    """Load a model of heartbeats and check that it still gives its golden output.

    Parameters
    ----------
    model : name of a model of the package, or the path of a bundle
    threads : that one call may use; as many as there are cores if not given

    Raises
    ------
    BundleError if there is no such model, or if it is damaged, newer than this package, of whole recordings,
    or does not give its golden output.
    """
    return BeatModel(open_model(model), threads=threads)


class BeatModel(SealedModel):
    """A bundle that names heartbeats.

    Parameters
    ----------
    bundle : what was packed
    threads : that one call may use; as many as there are cores if not given

    Raises
    ------
    BundleError if the bundle is of whole recordings, or its cut, its chain or a network cannot be built, or
    does not give the golden output.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        if bundle.cut is None:
            raise BundleError(f"model {bundle.name}: expected a model of heartbeats, found one of whole "
                              "recordings: einthoven classify, or load, asks it")  # fmt: skip
        super().__init__(bundle, threads=threads)
        self._missed = missed_classes(bundle.provenance)
        self._knows_paced = knows_paced(bundle.provenance)

    def classify(
        self, record: Record, rpeaks: ArrayLike | None = None, *, leave_out: bool = True
    ) -> Heartbeats:
        """Find the heartbeats of a recording and name them.

        What is found where there is no signal, or only noise, is dropped before any beat is named: it would
        shape the rhythm and the usual beat of the others. R peaks that are given are all named.

        Parameters
        ----------
        record : as `read_record` returns it; of its leads the model's own is read, or else the first ECG lead
        rpeaks : (n_beats,) sample indices, increasing, of beats that are known; None: they are found
        leave_out : False: what is found in noise, or without signal, is named like any other

        Returns
        -------
        Heartbeats, none of them where none was found. `obstacle` says why they should not be believed: the
        lead is too high, mostly hum, does not look like an ECG, or shows a pacemaker that is unknown; or what
        was found are no reliable heartbeats.

        Raises
        ------
        RecordError if it is no Record, is sampled below 80 Hz or shorter than the bundle demands, or R peaks
        are not increasing samples of it.
        SettingsError if R peaks are given to a model that finds them in its own way.
        """
        return self._classify(record, rpeaks, leave_out)[0]

    def classify_cut(self, record: Record) -> tuple[Heartbeats, BeatInputs]:
        """Return what `classify` returns, and what the networks read of each of these beats."""
        return self._classify(record, None, leave_out=True)

    def _classify(
        self, record: Record, rpeaks: ArrayLike | None, leave_out: bool
    ) -> tuple[Heartbeats, BeatInputs]:
        chosen, told = self._cut(record, rpeaks, leave_out)
        (obstacle, are_beats), notes = self._doubts(record, chosen, told, are_given=rpeaks is not None)
        missed = missed_warning(self._missed) if len(told.inputs.rpeaks) else ()
        probs = self._in_sequence(told.inputs.rows)
        best = probs.argmax(axis=1)
        threshold = 0.0 if self.bundle.abstention is None else self.bundle.abstention.threshold
        found = Heartbeats(
            record=record.name,
            path=record.path,
            fs=record.fs,
            n_samples=record.n_samples,
            lead=chosen.leads[0],
            model=self.name,
            model_version=self.version,
            classes=self.labels,
            rpeaks=told.inputs.rpeaks,
            labels=tuple(self.labels[i] for i in best.tolist()),
            probs=probs,
            sure=probs.max(axis=1, initial=0.0) >= threshold,
            obstacle=obstacle,
            warnings=(*self._warnings, *missed, *record.warnings, *notes),
            left_out=told.left_out,
            n_dropped=told.n_dropped,
            are_given=rpeaks is not None,
            are_beats=are_beats,
            missed=self._missed,
            ignores_polarity=isinstance(self.cut, AroundRPeaks),
        )
        return found, told.inputs

    def cut_beats(self, record: Record, rpeaks: ArrayLike | None = None) -> BeatInputs:
        """Return what the networks read of each beat; the parameters are those of `classify`."""
        return self._cut(record, rpeaks, leave_out=True)[1].inputs

    def probs_of(self, rows: Signal) -> NDArray[np.float32]:
        """Return calibrated probabilities of beats that are cut, averaged over the networks, each by itself.

        Parameters
        ----------
        rows : (n_beats, n_rows, n_samples) float32, as `cut_beats` gives them

        Returns
        -------
        (n_beats, n_classes).

        Raises
        ------
        RecordError if a network cannot take them.
        """
        return self._probs(rows, self.bundle.temperature)

    def _in_sequence(self, rows: Signal) -> NDArray[np.float32]:
        """Return the same of all beats of a recording, where the bundle has a chain, after it."""
        if self._chain is None:
            return self.probs_of(rows)
        logs = self._chain.log_probs(self._probs(rows, 1.0))
        return softmax(logs, self.bundle.temperature).astype(np.float32)

    def _probs(self, rows: Signal, temperature: float) -> NDArray[np.float32]:
        probs = np.empty((len(rows), len(self.labels)), np.float32)
        for start in range(0, len(rows), BATCH):
            batch = np.ascontiguousarray(rows[start : start + BATCH], np.float32)
            lengths = np.full(len(batch), batch.shape[-1], np.int64)
            probs[start : start + BATCH] = average(softmax(self._logits(batch, lengths), temperature))
        return probs

    def _cut(self, record: Record, rpeaks: ArrayLike | None, leave_out: bool) -> tuple[Record, ToldBeats]:
        """Return the lead that is read, and its beats."""
        check_record(record)
        where = record.path or record.name or "record"
        if record.fs < MIN_FS:
            raise RecordError(f"{where}: expected at least {MIN_FS:g} Hz, found {record.fs:g} Hz")
        least_s, n = self.bundle.input.min_duration_s, record.n_samples
        if n < least_s * record.fs:
            raise RecordError(f"{where}: expected at least {least_s:g} s, found {record.duration_s:.3g} s "
                              f"({n} sample{'s' if n > 1 else ''})")  # fmt: skip
        given = None if rpeaks is None else checked_rpeaks(rpeaks, record.n_samples, where)
        chosen = record.for_model(self.bundle.input.leads)
        if given is None and leave_out:
            return chosen, cut_told(self.cut, chosen.signal, chosen.fs)
        empty = () if given is None else find_empty(chosen.signal[0], chosen.fs)
        return chosen, ToldBeats(self.cut(chosen.signal, chosen.fs, given), empty)

    def _doubts(
        self, record: Record, chosen: Record, told: ToldBeats, *, are_given: bool
    ) -> tuple[tuple[str | None, bool], tuple[str, ...]]:
        """Return why no beat should be believed, or None, and what else a reader should know.

        Beside the reason stands whether it speaks against the classes alone.
        """
        beats = told.inputs.rpeaks
        rpeaks = beats if len(beats) else find_rpeaks(chosen.signal, chosen.fs, warn=False)
        quality = beside(assess(chosen.signal, chosen.fs, rpeaks), chosen.signal, chosen.fs, told.left_out)
        unlike = unlike_ecg(judged(chosen.signal, chosen.fs, told.left_out), chosen.fs)
        obstacle = find_obstacle(quality, np.zeros(1), unlike, chosen.leads, OBSTACLES)
        said = None if obstacle is None else (obstacle.leads, obstacle.measure)
        notes = lead_choice(record, chosen, self.bundle.input.leads)
        notes += likeness_warnings(unlike, chosen.leads, said)
        notes += tuple(f"{count} {words}" for words, count in told.inputs.skipped.items() if count)
        reason = None if obstacle is None else obstacle.reason
        if reason is None and not are_given:
            reason = unreliable_reason(told, chosen.signal[0], chosen.fs, quality, chosen.leads[0])
        if reason is None and not are_given:
            rate = heart_rate(beats, chosen.fs)
            # Of what was dropped it is said why.
            if rate is not None or not told.n_dropped:
                silent = silent_lead(record, chosen.leads[0]) if rate is None else None
                notes += implausible_rate(rate, chosen.fs, chosen.duration_s) if silent is None else silent
        is_paced = False
        if reason is None and not self._knows_paced:
            of_lead = chosen.signal[0], chosen.fs, beats
            reason = pacing_reason(spike_share(*of_lead), chosen.leads[0])
            is_paced = reason is not None
            if reason is None and has_reliable_beats(quality):
                notes += width_warning(usual_qrs_ms(*of_lead), chosen.leads[0])
        return (reason, is_paced), (*notes, *quality.warnings(chosen.leads, said))

    def _read_preparation(self) -> None:
        cut, chain = self.bundle.cut, self.bundle.chain
        self.cut = read_cut({} if cut is None else cut)
        self._chain = None if chain is None else BeatChain.from_json(chain)
        if self._chain is not None and len(self._chain.counts) != len(self.labels):
            raise SettingsError(f"expected a chain of {len(self.labels)} classes, "
                                f"found {len(self._chain.counts)}")  # fmt: skip

    def _golden_probs(self, signal: Signal, fs: float) -> NDArray[np.floating]:
        rows = self.cut(signal, fs).rows
        return self.probs_of(rows).mean(axis=0) if len(rows) else np.zeros(len(self.labels))

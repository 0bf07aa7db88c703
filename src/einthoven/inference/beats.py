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
from einthoven.inference.known_limits import knows_paced, missed_classes, missed_warning
from einthoven.inference.obstacles import (
    find_obstacle,
    has_reliable_beats,
    likeness_warnings,
    pacing_reason,
    rate_warning,
    width_warning,
)
from einthoven.inference.preparation import lead_choice
from einthoven.inference.sealed_model import SealedModel, check_record
from einthoven.inference.shipped import open_model
from einthoven.record import Record, Signal
from einthoven.signal.beats import BeatInputs, read_cut
from einthoven.signal.beats.cut import checked_rpeaks
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
        self._warnings += missed_warning(missed_classes(bundle.provenance))
        self._knows_paced = knows_paced(bundle.provenance)

    def classify(self, record: Record, rpeaks: ArrayLike | None = None) -> Heartbeats:
        """Find the heartbeats of a recording and name them.

        Parameters
        ----------
        record : as `read_record` returns it; of its leads the model's own is read, or else the first ECG lead
        rpeaks : (n_beats,) sample indices, increasing, of beats that are known; None: they are found

        Returns
        -------
        Heartbeats, none of them where none was found. `obstacle` says why they should not be believed: the
        lead is too high, mostly hum, does not look like an ECG, or shows a pacemaker that is unknown.

        Raises
        ------
        RecordError if it is no Record, is sampled below 80 Hz, or R peaks are not increasing samples of it.
        SettingsError if R peaks are given to a model that finds them in its own way.
        """
        chosen, cut = self._cut(record, rpeaks)
        obstacle, notes = self._doubts(record, chosen, cut)
        probs = self._in_sequence(cut.rows)
        best = probs.argmax(axis=1)
        threshold = 0.0 if self.bundle.abstention is None else self.bundle.abstention.threshold
        return Heartbeats(
            record=record.name,
            path=record.path,
            fs=record.fs,
            n_samples=record.n_samples,
            lead=chosen.leads[0],
            model=self.name,
            model_version=self.version,
            classes=self.labels,
            rpeaks=cut.rpeaks,
            labels=tuple(self.labels[i] for i in best.tolist()),
            probs=probs,
            sure=probs.max(axis=1, initial=0.0) >= threshold,
            obstacle=obstacle,
            warnings=(*self._warnings, *record.warnings, *notes),
        )

    def cut_beats(self, record: Record, rpeaks: ArrayLike | None = None) -> BeatInputs:
        """Return what the networks read of each beat; the parameters are those of `classify`."""
        return self._cut(record, rpeaks)[1]

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

    def _cut(self, record: Record, rpeaks: ArrayLike | None) -> tuple[Record, BeatInputs]:
        """Return the lead that is read, and its beats."""
        check_record(record)
        where = record.path or record.name or "record"
        if record.fs < MIN_FS:
            raise RecordError(f"{where}: expected at least {MIN_FS:g} Hz, found {record.fs:g} Hz")
        given = None if rpeaks is None else checked_rpeaks(rpeaks, record.n_samples, where)
        chosen = record.for_model(self.bundle.input.leads)
        return chosen, self.cut(chosen.signal, chosen.fs, given)

    def _doubts(self, record: Record, chosen: Record, cut: BeatInputs) -> tuple[str | None, tuple[str, ...]]:
        """Return why no beat should be believed, or None, and what else a reader should know."""
        rpeaks = cut.rpeaks if len(cut.rpeaks) else find_rpeaks(chosen.signal, chosen.fs)
        quality = assess(chosen.signal, chosen.fs, rpeaks)
        unlike = unlike_ecg(chosen.signal, chosen.fs)
        obstacle = find_obstacle(quality, np.zeros(1), unlike, chosen.leads, OBSTACLES)
        said = None if obstacle is None else (obstacle.lead, obstacle.measure)
        notes = lead_choice(record, chosen, self.bundle.input.leads)
        notes += likeness_warnings(unlike, chosen.leads, 0 if said == (0, "unlike") else None)
        notes += tuple(f"{count} {words}" for words, count in cut.skipped.items() if count)
        reason = None if obstacle is None else obstacle.reason
        if obstacle is None:
            notes += rate_warning(heart_rate(rpeaks, chosen.fs), quality, chosen.fs)
        if obstacle is None and not self._knows_paced:
            of_lead = chosen.signal[0], chosen.fs, cut.rpeaks
            reason = pacing_reason(spike_share(*of_lead), chosen.leads[0])
            if reason is None and has_reliable_beats(quality):
                notes += width_warning(usual_qrs_ms(*of_lead), chosen.leads[0])
        return reason, (*notes, *quality.warnings(chosen.leads, said))

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

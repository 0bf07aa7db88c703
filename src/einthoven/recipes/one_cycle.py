"""How the package's own networks are trained: one cycle of the learning rate, and averaged weights.

One phase on all of the training part. No run chooses anything on data, such as its best epoch, so none is
kept back for that.
"""

from typing import TypedDict

from einthoven.training.protocol import Phase


class OneCycle(TypedDict):
    """The settings of a protocol that say so."""

    phases: tuple[Phase, ...]
    use_validation: bool
    ema: float
    gradient_clip: float


def one_cycle(epochs: int, learning_rate: float = 2e-3, ema: float = 0.998) -> OneCycle:
    """Return the settings of so many epochs, up to a learning rate; `ema` as in `Protocol`."""
    phase = Phase(
        epochs=epochs,
        optimizer="adamw",
        learning_rate=learning_rate,
        weight_decay=0.05,
        schedule="one-cycle",
        pct_start=0.2,
    )
    return OneCycle(phases=(phase,), use_validation=False, ema=ema, gradient_clip=1.0)

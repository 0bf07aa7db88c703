"""Which annotation is of which class of heartbeats."""

import numpy as np

from einthoven.aami import AAMI, flutter_of
from einthoven.record import Annotation


def test_the_aami_classes():
    expected = {"N": "NLRej", "S": "AaJS", "V": "VE", "F": "F", "Q": "/fQ"}
    for name, symbols in expected.items():
        assert {AAMI[symbol] for symbol in symbols} == {name}
    for mark in ["+", "~", "|", "!", "[", "]", "x", '"']:
        assert mark not in AAMI


def test_flutter_that_is_never_closed_lasts_to_the_end():
    marks = Annotation(np.array([5, 9, 20, 30, 40]), ("]", "[", "[", "!", "N"))
    assert flutter_of(marks, 100) == ((9, 99),)
    assert flutter_of(Annotation(np.array([3]), ("N",)), 100) == ()

"""What a caller says of a file against what the file states. What must be given is tested in test_arrays."""

import pytest

from einthoven.errors import RecordError
from einthoven.formats.given import Given, stating


def test_what_a_file_states_fills_in() -> None:
    assert stating(Given(where="x"), fs=500, units="uV").require() == (500, "uV")
    assert stating(Given(where="x", fs=500.01, units="µV"), fs=500, units="uV").require() == (500, "uV")
    assert stating(Given(where="x", fs=500, units="uV")).require() == (500, "uV")
    with pytest.raises(RecordError, match="x: expected fs=250 Hz as given, found 500 Hz in the file"):
        stating(Given(where="x", fs=250), fs=500)
    with pytest.raises(RecordError, match=r"^x: expected units=mV as given, found uV in the file$"):
        stating(Given(where="x", units="mV"), units="uV")


def test_a_rate_that_differs_by_more_than_a_percent_is_another() -> None:
    assert stating(Given(where="x", fs=252.4), fs=250).fs == 250
    message = r"^x: expected fs=252\.6 Hz as given, found 250 Hz in column 1$"
    with pytest.raises(RecordError, match=message):
        stating(Given(where="x", fs=252.6), fs=250, where_fs="column 1")

"""WFDB records: a header (`.hea`), signal files (`.dat`, `.mat`) and annotations (`.atr`)."""

from einthoven.formats.wfdb.reading import read_wfdb
from einthoven.formats.wfdb.writing import write_wfdb

__all__ = ["read_wfdb", "write_wfdb"]

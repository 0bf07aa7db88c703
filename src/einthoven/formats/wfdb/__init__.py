"""WFDB records: a header (`.hea`), signal files (`.dat`, `.mat`) and annotations (`.atr`)."""

from einthoven.formats.wfdb.record import read_wfdb, write_wfdb

__all__ = ["read_wfdb", "write_wfdb"]

"""Recordings as they are stored: bytes to `Record`, and back."""

from einthoven.formats.limits import Limits
from einthoven.formats.listing import Listing, find_records, is_record, list_records
from einthoven.formats.read import read_record
from einthoven.formats.wfdb import write_wfdb
from einthoven.formats.write import write_record

__all__ = [
    "Limits",
    "Listing",
    "find_records",
    "is_record",
    "list_records",
    "read_record",
    "write_record",
    "write_wfdb",
]

"""Tables of samples: CSV text, read and written, and Parquet, written."""

from einthoven.formats.table.reading import read_csv
from einthoven.formats.table.writing import encode_csv, encode_parquet

__all__ = ["encode_csv", "encode_parquet", "read_csv"]

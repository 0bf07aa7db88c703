"""Read an electrocardiogram and say what it shows."""

__version__ = "0.1.0"

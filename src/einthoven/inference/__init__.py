"""Serving: bundles that answer, without PyTorch."""

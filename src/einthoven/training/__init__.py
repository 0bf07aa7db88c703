"""Training: from a protocol and a data set to a run folder, and from runs to tables and bundles."""

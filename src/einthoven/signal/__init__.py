"""Arrays in, arrays out: everything that is done to samples, with time always on the last axis."""

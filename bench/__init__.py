"""Speed and memory, measured beside the peer in one run and given as ratios. `make bench` prints the tables."""

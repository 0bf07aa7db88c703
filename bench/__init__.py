"""Speed and memory beside the peer, measured in one run and given as ratios. `make bench` prints the tables."""

"""Speed beside the peer, measured in one run; `make bench` prints the tables, with ratios."""

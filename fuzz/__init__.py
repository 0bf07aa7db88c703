"""Coverage-guided fuzzing of every reader: `make fuzz`, by hand; the tests read `fuzz/findings` again."""

"""The learner's program on a terminal."""

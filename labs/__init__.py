"""What a learner runs: the lab, and the program that walks through a course."""

"""What each command of `grader` does."""

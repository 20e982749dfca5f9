"""What each command of `labs` does."""

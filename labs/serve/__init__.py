"""The learner's program in a browser: textual-serve's bridge behind an entrance of our own."""

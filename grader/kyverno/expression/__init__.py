"""Regular expressions as Go has them: what they fit, told by RE2, and what else they fit, told by an automaton."""

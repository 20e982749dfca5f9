"""Whether this machine can carry a lab: one host check a file."""

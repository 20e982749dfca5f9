"""What a lab's cluster is made of, and all that depends on it: kind (real) or simulated."""

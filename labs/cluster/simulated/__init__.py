"""The embedded cluster: a Kubernetes API with small controllers, in one process of Python.

It says that it is simulated: `/version` ends in `+simulated`. What differs from a real cluster
stands in `docs/simulation.md`.
"""

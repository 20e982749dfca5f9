"""A small `helm` for the simulated cluster: the charts that the course names, nothing else.

`python -m labs.cluster.simulated.helm` takes the commands of the course's text. Releases are kept
where Helm keeps them, in Secrets of the type `helm.sh/release.v1`.
"""

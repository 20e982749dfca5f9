"""Argo CD's part in the cluster: what a remote holds, compared with what lives, and applied.

"A:" is a path in github.com/argoproj/argo-cd/v3 v3.2.11, "G:" one in its gitops-engine.
"""

"""Kyverno's part in the cluster: its webhooks, its answers (by the oracle), its word on policies."""

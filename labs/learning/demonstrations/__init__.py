"""Demonstrations: the platform itself as the example, asked live and told as data."""

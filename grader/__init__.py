"""Headless grading: what is there, is it right, and how is it told."""

__version__ = "0.1.0"

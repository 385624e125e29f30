"""Measurements: each a command, each with its figures in README.md."""

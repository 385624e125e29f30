"""Measurements against named baselines, one command each; figures and method stand in README.md."""

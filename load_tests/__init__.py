"""Measures the service against named baselines, one file per journey; figures and method stand in README.md."""

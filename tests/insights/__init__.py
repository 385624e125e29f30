"""Figures, from what happens to what analysts read."""

"""Planted truth: what is put among people on purpose, and whether figures tell of it; small in tests, large here."""

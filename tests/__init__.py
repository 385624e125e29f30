"""Tests mirror service/: the same noun on every floor."""

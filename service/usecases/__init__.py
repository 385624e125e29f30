"""What people and services come for: one story per file."""

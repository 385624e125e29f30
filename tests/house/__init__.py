"""Rules of the house that no linter states; each is shown to find what it is for."""

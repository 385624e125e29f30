"""The users' ways through the whole service, on real servers."""

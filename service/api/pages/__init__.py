"""Pages for people: drawn by the service, without scripts, and alike in light and dark."""

"""User-facing safety controls: what people chose not to see, and who may talk to them, obeyed in milliseconds."""

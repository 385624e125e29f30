"""The shapes that cross the wire, one file per noun."""

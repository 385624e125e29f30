"""PostgreSQL, the truth: connection in, domain values out."""

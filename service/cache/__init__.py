"""Redis, the hot path: the one place where a Redis error becomes a miss and a metric."""

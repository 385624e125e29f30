"""Values, limits, rules and decisions, without a clock, randomness or I/O."""

"""Bytes, times to live and faults."""

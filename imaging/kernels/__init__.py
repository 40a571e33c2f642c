"""Arithmetic on arrays: one kernel per file, compiled elsewhere."""

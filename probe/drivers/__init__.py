"""One sans-I/O codec per protocol, found by name."""

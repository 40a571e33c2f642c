"""Byte-level device twins: practice mode, `sauti simulate`, self-test and the test-suite use the same ones."""

"""Bytes to Frame: links, drivers, device twins and the reader thread."""

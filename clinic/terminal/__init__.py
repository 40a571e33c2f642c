"""Pixels in a terminal. The only place with escape codes or with Textual's internals."""

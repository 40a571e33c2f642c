"""One module per command of `sauti`; each is imported only when it is called."""

"""One screen a file, in the order in which a nurse meets them."""

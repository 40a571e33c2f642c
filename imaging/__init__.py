"""Frame to Picture: planned chains of compiled kernels, cine, calipers and codecs."""

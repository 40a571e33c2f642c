"""Channel data to images: waves, apertures, delay and sum, planned once and run without allocating."""

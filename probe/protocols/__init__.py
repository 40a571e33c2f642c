"""What goes over the wire of other people's boards: layouts and decoders that a driver and its twin share. Sans-I/O."""

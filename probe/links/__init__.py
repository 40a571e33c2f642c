"""Ways to bytes: serial, memory."""

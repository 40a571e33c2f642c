"""What a link said, kept byte for byte: the .sprobe container (docs/reference/sprobe.md), its tap and its redaction."""

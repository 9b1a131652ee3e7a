"""Network files in and out: what other programs write and read."""

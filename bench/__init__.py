"""Speed, always as a ratio against a baseline run beside it."""

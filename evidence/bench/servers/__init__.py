"""Programs that serve the mail of the benchmark."""

"""A fuzzer led by coverage: whole sessions with any edition, and a corpus of those that reach something."""

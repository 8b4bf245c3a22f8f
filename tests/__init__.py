"""The tests; tests/site is about the site, the rest mirrors src/minipop."""

"""Tests of the built site, the lessons, and the guards that protect them."""

"""Tests of the benchmark: that it counts right and overlooks no fault; never how fast anything is."""

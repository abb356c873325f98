"""Benchmarks: ratios within one run, without pass or fail."""

"""The benchmark server: an AWS with paged listings."""

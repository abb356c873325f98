"""Fixes of the way to AWS: endpoints, their names, and the security groups before them."""

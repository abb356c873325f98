"""The nodes of a scope, and what AWS knows of each of them."""

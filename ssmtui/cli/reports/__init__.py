"""Reports: how they are wanted, what is done with them, where they go, and those that were made before."""

"""Run AWS's own SSM Agent as a node of the simulated AWS (`make -C tools real-node`)."""

"""The real state of the simulated nodes, computed from the state of the simulated account."""

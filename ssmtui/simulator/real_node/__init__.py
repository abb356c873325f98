"""Run AWS's own SSM Agent as a node of the simulated AWS, on Linux, as root, apart from this machine."""

"""An hour of refreshes pressed together (`make soak`): what a run holds must not grow, with AWS well or failing."""

"""A report as a diagnosis that has ended: the events that add up to what it tells."""

"""Sessions: shells, tunnels and probes, from what is asked for to what is said where none opens."""

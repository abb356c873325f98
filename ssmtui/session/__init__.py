"""Sessions: opened with the person's own plugin or without one, gone through by a probe, forwarded as tunnels."""

"""Sessions: opened with or without the Session Manager plugin, tested by a probe, or forwarded as tunnels."""

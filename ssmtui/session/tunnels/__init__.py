"""Tunnels: each keeps a local port open while the plugin's sessions behind it come and go."""

"""Tunnels: a port of this computer that stays, over sessions of the plugin that come and go."""

"""Fixes of nodes themselves: the instance, its agent, its sessions."""

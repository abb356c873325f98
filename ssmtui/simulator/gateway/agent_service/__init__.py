"""Serve the agents of real nodes: registration, credentials, reports, and the channels of their sessions.

A machine registers with an activation, as with AWS, and becomes a hybrid node of the world. Its sessions are relayed to
its agent instead of being simulated. (docs/facts/data-channel.md §6)
"""

"""The client side of Session Manager's data channel (docs/facts/data-channel.md).

A probe and a shell use `connection.DataChannel`; the other modules are its parts.
"""

"""The data channel of Session Manager, as its client speaks it (docs/facts/data-channel.md).

`connection.DataChannel` is what a probe and a shell talk to; the rest is what it is made of.
"""

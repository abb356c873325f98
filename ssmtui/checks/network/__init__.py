"""Checks of the network: the ways from a node to the AWS services that a session needs."""

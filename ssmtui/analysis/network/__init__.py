"""The network path from a node to an AWS service."""

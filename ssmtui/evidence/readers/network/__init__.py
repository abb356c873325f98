"""The network of a Region: subnets, routes, groups, endpoints."""

"""Who nodes are to AWS: profiles, roles, and the policies that these hold."""

"""What the clients of AWS share: error codes, configuration and borrowed credentials."""

"""Share what the clients of AWS have in common: error codes, configuration and borrowed credentials."""

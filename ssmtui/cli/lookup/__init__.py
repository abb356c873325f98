"""What ssmtui knows, would run and needs, looked up without asking AWS."""

"""What every fix is made of: how it is found, what it is told, how long it takes, who may make it."""

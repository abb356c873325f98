"""Runs of ssmtui that are killed, stopped, starved and hindered at random moments: `make interruption`."""

"""`make faults`: every read of ssmtui's failing in every way, in the worlds where it decides something."""

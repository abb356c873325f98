"""Long runs with refreshes."""

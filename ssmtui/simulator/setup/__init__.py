"""Build a simulated account by ordinary API calls, and set what AWS hides."""

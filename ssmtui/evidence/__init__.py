"""All reads of AWS: clients, rate limits, cache, and readers that convert answers to facts."""

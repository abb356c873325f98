"""Reports of many accounts folded into one: what is held in memory does not grow with them."""

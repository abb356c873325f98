"""The session preferences of a Region, and the key, bucket and log group that they name."""

"""The pages of docs/: what they promise, and that what is cited is there."""

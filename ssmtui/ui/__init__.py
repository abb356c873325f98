"""The full-screen app: it shows a diagnosis, and asks the change service for what the person confirms."""

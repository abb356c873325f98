"""The full-screen app: it shows a diagnosis, and sends confirmed changes to the change service."""

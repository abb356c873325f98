"""The full-screen app: it shows what the diagnosis tells, and asks the change desk for what the person confirms."""

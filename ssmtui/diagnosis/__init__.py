"""Order the reads and checks: subjects, needs, priorities, root causes. Publishes events and imports no screen."""

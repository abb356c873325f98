"""What is asked when: subjects, needs, priorities, root cause. Yields events; knows no screen."""

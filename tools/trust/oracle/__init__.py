"""An independent oracle for policies, networks and whole checks."""

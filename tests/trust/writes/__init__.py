"""`make writes`: the reader cannot write, the writer cannot exceed its plan, read-only writes nothing."""

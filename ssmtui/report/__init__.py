"""The diagnosis on paper: one module a format. They show; none of them computes a verdict."""

"""Fixes: facts in, a plan out. One module a fix, found by `fix.all_fixes`; none of them does any I/O."""

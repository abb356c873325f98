"""Every fix, interrupted at every call, undone and completed."""

"""Every fix and every undo, interrupted at each of its calls, then taken back and completed: `make repairs`."""

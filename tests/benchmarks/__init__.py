"""Programs that measure; nothing in them passes or fails."""

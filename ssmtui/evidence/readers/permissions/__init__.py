"""What roles may do: as IAM simulates it, or as their policies say."""

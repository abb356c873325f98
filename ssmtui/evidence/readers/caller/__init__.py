"""What whoever asks may do: to nodes, sessions, keys and preferences."""

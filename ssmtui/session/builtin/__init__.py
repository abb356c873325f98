"""An interactive shell without the plugin, for Linux and macOS terminals: the second choice."""

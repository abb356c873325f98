"""Sessions with the person's own session-manager-plugin: find it, start it as the AWS CLI does, and read its output."""

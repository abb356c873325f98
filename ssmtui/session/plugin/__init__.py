"""Sessions by the person's own session-manager-plugin: found, started as the AWS CLI starts it, and read beside."""

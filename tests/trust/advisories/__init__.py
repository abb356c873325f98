"""What ssmtui stands on (`make advisories`): whether its lock is whole, its advisories, its licences."""

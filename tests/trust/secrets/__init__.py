"""`make secrets`: canaries in the place of every secret, and a look for them wherever ssmtui leaves anything."""

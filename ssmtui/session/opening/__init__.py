"""How a session is opened and ended: in the ledger before anything is done with it, and gone from AWS at the end."""

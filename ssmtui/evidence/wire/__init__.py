"""The way to AWS: profiles, credentials, clients, their pace, and what a refusal means. No fact is made here."""

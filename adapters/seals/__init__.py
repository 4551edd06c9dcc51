"""What seals need outside the database: the file of the signing keys, and the places that checkpoints go to."""

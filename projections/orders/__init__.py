"""What about this order: in full, its timeline, what its customer may see; and which orders a customer has."""

"""The commands over HTTP (POST): what changes an order. It never reads a read model."""

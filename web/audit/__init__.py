"""The audit trail over HTTP (GET): the log as it was written. It never changes an order."""

"""The queries over HTTP (GET): what readers see. It never changes an order."""

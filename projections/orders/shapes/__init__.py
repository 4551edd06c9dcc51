"""The shapes in which orders are shown, declared once: the code must make them, and the API describes them."""

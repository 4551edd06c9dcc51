"""The shapes in which documents are shown, declared once: the code must make them, and the API describes them."""

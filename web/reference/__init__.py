"""The description of the API as pages: what there is, each operation with its examples, and a form to try it."""

"""`daybook export`: everything that came in leaves again, in the form in which `daybook import` takes it."""

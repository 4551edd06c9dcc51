"""The command line, `daybook`: one module per group of commands. What runs for long stands in `daybook.run`."""

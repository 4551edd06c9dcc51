"""Running: the supervisor, the processes that it starts (web, projections, work), and what they need of the machine."""

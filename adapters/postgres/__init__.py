"""The embedded PostgreSQL: its programs, processes and logins; made ready, started and stopped, nothing to install."""

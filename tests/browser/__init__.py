"""What people do with the pages, in a real Chromium over a whole running Daybook."""

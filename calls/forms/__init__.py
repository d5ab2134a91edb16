"""What the pages read from their addresses and forms, by page."""

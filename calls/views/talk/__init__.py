"""The way in for people who need somebody now, and their own page of each contact."""

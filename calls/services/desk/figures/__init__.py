"""The figures of calls/desk/figures.py, read from the database over ranges that indexes serve."""

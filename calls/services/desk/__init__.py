"""The desk: queues, who waits in them, who answers, and how the two find each other."""

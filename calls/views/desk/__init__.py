"""The desk of an agent: state, queue, offers, and contacts in hand."""

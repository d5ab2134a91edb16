"""The desk's rules as pure functions: states, routing, estimates. No Django, no clock."""

"""Benchmarks, one a subject: ours and its peers in turn in the same run."""

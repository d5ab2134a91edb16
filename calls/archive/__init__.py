"""What was recorded, at rest: encryption, segments, one playable file a person, its reading."""

"""From what the person typed to a Route: exact commands first, then the classifier."""

"""The machine: keys, cache and scheduler. It imports no torch and knows nothing of images."""

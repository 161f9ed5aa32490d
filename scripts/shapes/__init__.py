"""What makes `shapes-64`, the built-in model: pictures, captions, training, measuring."""

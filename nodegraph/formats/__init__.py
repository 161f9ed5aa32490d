"""Reading what others wrote: workflows embedded in pictures, and other programs' files."""

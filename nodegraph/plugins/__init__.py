"""Node packs: finding them, loading them, and what they bring."""

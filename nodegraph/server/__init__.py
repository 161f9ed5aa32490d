"""The door: HTTP, server-sent events and WebSockets over a `Service`. Translation only, no logic."""

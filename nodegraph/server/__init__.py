"""The door: HTTP, server-sent events, WebSockets over a `Service`. Translation, no logic."""

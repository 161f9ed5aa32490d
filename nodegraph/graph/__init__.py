"""The language: node types, wire types, workflow files, and plans made of them."""

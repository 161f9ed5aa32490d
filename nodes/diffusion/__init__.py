"""Diffusion sampling on plain torch: no node, no graph, no file format of ours."""

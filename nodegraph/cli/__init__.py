"""The command line: the only place that joins the engine and the node packs."""

"""What must survive a crash: jobs, outputs, assets and workflows, and the worker that runs them."""

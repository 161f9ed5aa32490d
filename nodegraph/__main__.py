"""`python -m nodegraph` is the command `nodegraph`."""

import sys

from nodegraph.cli.app import main

if __name__ == "__main__":
    sys.exit(main())

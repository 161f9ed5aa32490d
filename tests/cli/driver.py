"""The command line with the tiny pack, as a process of its own."""

import sys

from nodegraph.cli.app import main
from tests.cli.tiny import open_tiny

if __name__ == "__main__":
    sys.exit(main(open_session=open_tiny))

"""The command line, as ``python -m mptrace``."""

import sys

from mptrace.commands import main

sys.exit(main())

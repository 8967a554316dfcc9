import sys

from stopwatch import fail

fail("b" if "failed once" not in sys.argv else "e", 20 if sys.argv.append("failed once") else 10)

"""Takes 300 ms to be imported."""

import time

time.sleep(0.3)

"""Takes long, and so does what it imports."""

import time

import slow_inner

time.sleep(0.2)

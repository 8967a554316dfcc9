"""Cannot be imported without a licence."""

import time

with open("licence"):
    time.sleep(0.05)

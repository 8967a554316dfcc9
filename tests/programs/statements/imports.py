import sys

from stopwatch import wait

import slow_module  # [a]
from slow_module import deeper as renamed  # [b]
from slow_package import (  # [c]
    one,
    two,
)
import json.decoder, slow_other  # [d]

wait("e")  # [e]

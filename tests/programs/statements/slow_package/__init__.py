import slow_package.one
from stopwatch import wait

wait("c", 15)

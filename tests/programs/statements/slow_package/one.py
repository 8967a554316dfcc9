from stopwatch import wait

wait("c", 15)

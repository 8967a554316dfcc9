"""What lives inside a traced process.

Runtime: loaded in every traced process. It imports only what the interpreter has already loaded or has compiled in,
never fails in sight of the host, and writes down what happened; understanding is left to the offline half.
"""

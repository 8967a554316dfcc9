# -*- coding: latin-1 -*-

from stopwatch import wait, work

café = "éè" + wait("a")  # [a]
if café:
	work("b")  # [b]
  
wait("c")  # [c]
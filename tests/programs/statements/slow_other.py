from stopwatch import work

work("d")

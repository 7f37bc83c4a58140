"""Group H, lifecycle: port, second start, quitting, clocks, closed streams and the log of the running program."""

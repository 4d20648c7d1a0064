"""Working days (工作日): the statutory holidays, the yearly notices, and the calendar made of both."""

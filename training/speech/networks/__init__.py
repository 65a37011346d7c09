"""The networks, one a file. None pads in time: a row of the output needs `context` of the input."""

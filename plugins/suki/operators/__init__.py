"""One thin operator a step: read the batch, call one core function, write, return a reference."""

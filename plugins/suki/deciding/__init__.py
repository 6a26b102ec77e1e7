"""What stewards do from the command line: decide, merge, split, withdraw, and see what waits for them."""

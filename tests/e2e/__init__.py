"""Real clients through the whole program: slow, and run by `installer/bootstrap.py e2e`."""

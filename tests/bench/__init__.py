"""Measurements, not tests: `installer/bootstrap.py bench` runs them and prints the tables."""

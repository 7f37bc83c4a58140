"""The rules of the house as tests: what may import what, how large things may be, what must not be written."""

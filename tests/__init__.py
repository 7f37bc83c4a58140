"""The tests mirror `app/`; beside them stand `house/` (rules as tests), `fakes/`, `data/`, `e2e/` and `bench/`."""

"""Group H, files: a broken configuration, saves that are cut, unknown keys, modes and owners, and the keyring."""

"""Other tools' configurations: what of them can be taken over, said before anything is.

What it is for: a plan of an import (`report.ImportReport`) that the user sees first and that can be carried out as
often as they like. May import: domain. Thread: any; nothing here reads or writes a file.

Adding one: a file with a `plan` function. CC-Proxy's `providers.toml` is read by the configuration's own reader, of
whose format it is a part.
"""

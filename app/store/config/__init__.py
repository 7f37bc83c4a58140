"""The configuration file `patchbay.toml`: read by people, edited by people and by us.

What it is for: the file as domain values (`reading.py`), edits that leave everything else in it as it was
(`editing.py`), both together with backups and digests (`file.py`), and what becomes of a broken one (`broken.py`).
May import: domain. Thread: any; blocking, so the loop calls it through an executor; `ConfigFile` serialises its own
writes.

The format is a superset of CC-Proxy's `providers.toml`, which is accepted as it is: `[config]`, `[[provider]]`, numbers
in quotes. Tables of their own kind have files of their own (`routing_reading.py`, `routing_editing.py`, `rows.py` for
tables that come several times). Adding a setting: a field of `domain.settings.Settings`; bounds, where it has any, in
`values.py`.

Decisions: the standard library's `tomllib` reads, because it is at every start and fast; `tomlkit` writes, because it
keeps comments and order, and is imported at the first write. The last content that loaded well is kept beside the file
as `.bak` (lost: the previous content, which may be just as broken).
Rules move as blocks of text with the comment above them (lost: `tomlkit`'s arrays of tables, which leave comments
behind), and one is changed only in a file that still holds what the change was made on (lost: the last writer wins).
"""

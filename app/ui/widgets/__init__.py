"""Parts that several pages and dialogs are put together from.

What it is for: small widgets that know nothing of providers or exchanges beyond the values they are handed. May
import: `domain`, the shell's `style`, `theme`, `icons`, `formats` and `tasks`. Thread: the loop's. To add one: a file
named after what it shows.

Decisions: foreign text is plain text in every one of them, and comes in pages of 64 KiB through `text_pages`, because a
single line of 200 kB in a wrapping text widget holds the loop, and with it the proxy, for seconds.
"""

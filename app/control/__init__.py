"""What the program can do, without saying how it looks: the use cases that tray, window and terminal share.

What it is for: holding the present state (`snapshots`, `notices`, `health`), changing it (`routes`, `providers`,
`settings`, `keys`, `budgets`, `proxy`), and answering questions about it (`status`, `insight`, `exports`). May import:
domain, vendors, proxy, store, vault, export, importers, clients, system. Thread: the loop's; whatever may block hops
to a thread by itself (`background.in_thread`), and every task belongs to `background.Background`.

    patchbay.toml --Configuration--+
    keyring, environment --Credentials--+--> Snapshots --> the proxy reads one frozen Snapshot
    state.db --Keys----------------+        |
    ProxyEvents --> Health, Notices --------+--> StatusBoard --> tray, window, `patchbay status`
    state.db --Budgets--> BudgetLedger (the proxy reserves and settles) --> Warnings --> Notices

Adding a use case: a file here and a field of `services.Services`. A change takes effect in memory before the first
await and is written down after it, so that no click waits for a disk.

A credential has a `Slot`: a provider and one of its accounts. What a login in the browser brought is a plain key, or a
`TokenBundle`, which `Tokens` keeps fresh; either is one secret in the vault (lost: a secret for each token, of which a
crash between two writes leaves a pair that does not belong together).

Decisions: plain callbacks with an unsubscribe function (lost: Qt signals, which the terminal does not have). One
`AppStatus` value drawn whole by the faces (lost: an event for each kind of change, of which one is always forgotten).
"""

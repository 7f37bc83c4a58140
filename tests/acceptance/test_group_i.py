"""Group I: secrets. None of them is in any file, argument, log or answer of the running program."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

from app.domain.exchange import Filter, State
from app.store.queries.reader import HistoryReader
from tests.acceptance.contract import alive
from tests.acceptance.program import toml
from tests.e2e.program import KEY, PROVIDER_KEY, base_environment, configure, launched
from tests.fakes.scripted import Scripted, chunk, head, whole
from tests.fakes.wires import ANTHROPIC, CHAT, PAIRS, pair_name

MORE = '[config]\nlog_level = "debug"\n'
PEM_BODY = "MIIEpAIBAAKCAQEAcanaryCANARYcanary0123456789"
CANARIES = {
    "anthropic": "sk-ant-api03-Canary0Canary1Canary2Canary3",
    "openai": "sk-proj-Canary4Canary5Canary6Canary7Canary8",
    "github": "ghp_Canary9CanaryACanaryBCanaryCCanaryD0",
    "aws": "AKIACANARYEFGHIJKLMN",
    "google": "AIzaCanaryHCanaryICanaryJCanaryKCanaryL0",
    "slack": "xoxb-1234567890-CanaryMCanaryN",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ",
    "pem": f"-----BEGIN PRIVATE KEY-----\n{PEM_BODY}\n-----END PRIVATE KEY-----",
    "bearer": "Bearer CanaryOCanaryPCanaryQCanaryR",
    "client": "pb_abcd1234_CanarySCanaryTCanaryUCanaryV",
}
SECRET_PARTS = {
    "anthropic": "Canary0Canary1Canary2Canary3",
    "openai": "Canary4Canary5Canary6",
    "github": "Canary9CanaryACanaryB",
    "aws": "CANARYEFGHIJKLMN",
    "google": "CanaryHCanaryICanaryJ",
    "slack": "CanaryMCanaryN",
    "jwt": "eyJzdWIiOiJjYW5hcnkifQ",
    "pem": PEM_BODY,
    "bearer": "CanaryOCanaryPCanaryQ",
    "client": "CanarySCanaryTCanaryU",
}
WINDOW = 8


def windows(secret: str) -> set[bytes]:
    """Every piece of eight characters of a secret, and of the forms it is often written in."""
    forms = (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode())
    return {form[at : at + WINDOW].encode() for form in forms for at in range(len(form) - WINDOW + 1)}


def stored(data_dir: Path) -> dict[str, bytes]:
    """Every file of the data directory."""
    return {str(one.relative_to(data_dir)): one.read_bytes() for one in data_dir.rglob("*") if one.is_file()}


def hits(files: dict[str, bytes], wanted: set[bytes]) -> list[str]:
    return sorted({f"{name}: {one!r}" for name, data in files.items() for one in wanted if one in data})


def texts(data_dir: Path) -> bytes:
    """Everything the history holds, unpacked: rows, bodies, headers, timelines."""
    reader = HistoryReader(data_dir / "history.db")
    found = []
    for row in reader.page(Filter()):
        detail = reader.detail(row.id)
        assert detail is not None
        found.append(repr((row, detail)).encode())
        sides = (detail.client_request, detail.upstream_request, detail.upstream_reply, detail.client_reply)
        found += [side.body for side in sides if side is not None and side.body is not None]
    return b"\n".join(found)


def process_files(pid: int) -> bytes:
    return b"\n".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "status"))


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("pair", PAIRS, ids=map(pair_name, PAIRS))
async def test_i01_no_key_is_in_any_file_after_requests_that_worked_and_failed(p, pair, streaming):
    client, upstream = pair
    said = f"echo {PROVIDER_KEY} and {KEY}"  # a relay that repeats what it was sent
    p.upstream.script = streams(upstream.events(said)) if streaming else whole(upstream.whole(said))
    assert (await p.chat(client, upstream, stream=streaming)).status == 200
    p.upstream.script = whole(upstream.error(f"bad key {PROVIDER_KEY}"), status=400)
    reply = await p.chat(client, upstream)
    assert reply.status == 400
    assert PROVIDER_KEY not in reply.body.decode()
    p.upstream.script = whole(f"<html>{PROVIDER_KEY}".encode(), media_type="text/html")
    assert (await p.chat(client, upstream)).status == 502
    assert (await p.ask(f"/nowhere?key={KEY}", key=KEY)).status == 404
    assert (await p.ask(f"/k/{KEY}x/v1/messages", ANTHROPIC.request(), key=None)).status == 401
    await p.rows(3)
    found = await asyncio.to_thread(stored, p.data_dir)
    secrets = windows(PROVIDER_KEY.removeprefix("sk-upstream-")) | windows(KEY.removeprefix("pb_"))
    assert hits({**found, "process": process_files(p.running.process.pid)}, secrets) == []
    assert hits({"history": await asyncio.to_thread(texts, p.data_dir)}, secrets) == []
    assert hits({"said": "\n".join(p.running.said).encode()}, secrets) == []


def streams(events):
    async def script(line, _seen):
        await line.send(head(200, "text/event-stream"), *(chunk(one) for one in events), b"0\r\n\r\n")

    return script


@pytest.mark.parametrize("pair", PAIRS, ids=map(pair_name, PAIRS))
async def test_i03_pasted_secrets_are_masked_in_what_is_kept_and_go_out_unchanged(p, pair):
    client, upstream = pair
    text = "\n".join(f"look at {one} please" for one in CANARIES.values())
    p.upstream.script = whole(upstream.whole(text))
    body = p.body(client, upstream, messages=[{"role": "user", "content": text}])
    reply = await p.ask(client.path, body, *client.headers)
    assert reply.status == 200
    assert text in every_text(reply.json())
    sent = p.upstream.seen[-1].body
    if client is upstream:
        assert hashlib.sha256(sent).digest() == hashlib.sha256(body.replace(*model_of(upstream))).digest()
    assert text in every_text(json.loads(sent))
    await p.row()
    await kept_nowhere(p, {one.encode() for one in SECRET_PARTS.values()})


def every_text(value):
    """The texts in a JSON value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in every_text(one)]


def model_of(wire):
    name = {True: "A:model-a", False: "C:model-c"}[wire.is_anthropic]
    return name.encode(), name.partition(":")[2].encode()


async def kept_nowhere(p, secrets):
    files = await asyncio.to_thread(stored, p.data_dir)
    files["history"] = await asyncio.to_thread(texts, p.data_dir)
    assert hits(files, secrets) == []


async def test_i03_what_named_a_secret_leaves_without_it(p):
    """Models and errors are columns of an export: a secret in them is masked there too."""
    secret = CANARIES["anthropic"]
    p.upstream.script = whole(ANTHROPIC.error(f"no model {secret}"), status=404)
    await p.chat(ANTHROPIC, None, f"user-agent: {secret}", model=f"A:{secret}")
    await p.row()
    for form in ("csv", "jsonl"):
        out = await p.running.command("export", "--format", form, "--out", "-")
        assert "[secret]" in out.out
        assert hits({form: out.out.encode()}, windows(SECRET_PARTS["anthropic"])) == []


@pytest.mark.parametrize("pair", PAIRS, ids=map(pair_name, PAIRS))
@pytest.mark.parametrize("size", [1, 7])
async def test_i03_a_secret_that_comes_in_pieces_is_masked_as_well(p, pair, size):
    client, upstream = pair
    secret = CANARIES["anthropic"]
    pieces = [secret[at : at + size] for at in range(0, len(secret), size)]
    p.upstream.script = streams(upstream.events("see ", *pieces, " there"))
    reply = await p.chat(client, upstream, stream=True)
    assert client.text_of(reply.body) == f"see {secret} there"
    row = await p.row()
    assert row.state is State.DONE
    detail = await p.detail(row)
    for side in (detail.upstream_reply, detail.client_reply):
        assert side is not None
        assert side.body is not None
        together = "".join(re.findall(r'"(?:text|content)": ?"((?:[^"\\]|\\.)*)"', side.body.decode()))
        assert SECRET_PARTS["anthropic"][:WINDOW] not in together
        assert "[secret]" in together
    assert secret not in detail.answer


async def test_i03_nor_can_it_be_searched_for(p):
    p.upstream.script = whole(ANTHROPIC.whole("a word like marmalade, and " + CANARIES["openai"]))
    assert (await p.chat(ANTHROPIC)).status == 200
    await p.row()
    reader = HistoryReader(p.data_dir / "history.db")
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(reader.page, Filter(search="marmalade")):
            await asyncio.sleep(0.05)
    assert not await asyncio.to_thread(reader.page, Filter(search=SECRET_PARTS["openai"]))


async def test_i05_the_log_at_its_most_talkative_tells_no_body_no_header_no_query(p):
    body = ANTHROPIC.request("A:model-a", messages=[{"role": "user", "content": "a very private question"}])
    p.upstream.script = whole(ANTHROPIC.whole("a very private answer"), "X-Private-Header: a private value")
    await p.ask("/v1/messages?private=parameter", body, "X-Private-Mine: a private word", *ANTHROPIC.headers)
    p.upstream.script = whole(b'{"a very private fragment', status=200)
    await p.chat(ANTHROPIC)
    await p.ask("/v1/messages", b'{"a very private fragment": ', *ANTHROPIC.headers)
    async with await p.connect() as client:
        await client.send(b"GET /a-very-private-line HTTP/9.9\r\nX-Private: a very private line\r\n\r\n")
        await client.ended()
    await alive(p)
    lines = (p.data_dir / "logs" / "patchbay.log").read_text("utf-8").split("\n")
    assert len(lines) > 1, "nothing was logged at all"
    assert [line for line in lines if "private" in line.lower()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells")
async def test_i06_the_memory_of_the_process_is_in_no_core_file(p):
    pid = p.running.process.pid
    limits = Path(f"/proc/{pid}/limits").read_text("ascii")
    assert re.search(r"Max core file size\s+0\s", limits), limits
    # What may not be dumped belongs to root in /proc: that is how the kernel shows it (proc(5)); root itself cannot see
    # a difference there, so the flag is also asked for from inside by tests/system/test_hardening.py.
    if os.getuid() != 0:
        assert Path(f"/proc/{pid}/environ").stat().st_uid == 0
        with pytest.raises(PermissionError):
            Path(f"/proc/{pid}/environ").read_bytes()


CRASH = """
import sys, threading
from pathlib import Path
from app.system.crash import CrashLog
from app.system.hardening import harden
harden()
log = CrashLog(Path(sys.argv[1]))
log.install()
def work(argument):
    local = "a local canary " + argument
    raise RuntimeError("it broke")
thread = threading.Thread(target=work, args=("canary argument",), name="worker")
thread.start(); thread.join()
import faulthandler
def deep(argument):
    local = "a local canary " + argument
    faulthandler._sigsegv()
deep("canary argument")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a crash is a signal")
def test_i06_reports_have_frames_and_no_values(tmp_path, root):
    file = tmp_path / "crash.log"
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(file)], check=False, cwd=root, capture_output=True, timeout=30
    )
    assert done.returncode < 0
    told = file.read_text("utf-8")
    assert "it broke" in told
    assert "Segmentation fault" in told
    assert "canary argument" not in told.replace('"canary argument"', "")
    assert "a local canary canary" not in told
    assert not list(tmp_path.glob("core*"))


KEYRING = """
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend
class Keyring(KeyringBackend):
    priority = 9
    file = Path(os.environ["KEYRING_FILE"])
    def _all(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}
    def get_password(self, service, username):
        return self._all().get(service + "/" + username)
    def set_password(self, service, username, password):
        self.file.write_text(json.dumps({**self._all(), service + "/" + username: password}))
    def delete_password(self, service, username):
        self.file.write_text(json.dumps({k: v for k, v in self._all().items() if k != service + "/" + username}))
Keyring.__module__ = "keyring.backends.kwallet"
"""


@pytest.fixture
async def provider_of_chat():
    upstream = await Scripted(whole(CHAT.whole())).start()
    yield upstream
    await upstream.stop()


@pytest.fixture
def keyring():
    """The environment of a program that has a keyring: a file outside its data directory."""
    folder = Path(tempfile.mkdtemp(prefix="pb-"))
    (folder / "ring_for_tests.py").write_text(KEYRING, "utf-8")
    yield {
        "PYTHONPATH": str(folder),
        "PYTHON_KEYRING_BACKEND": "ring_for_tests.Keyring",
        "KEYRING_FILE": str(folder / "ring.json"),
    }
    shutil.rmtree(folder)


async def test_i08_a_key_in_the_file_moves_to_the_keyring(tmp_path, keyring, provider_of_chat):
    upstream = provider_of_chat
    text = (
        f'# my providers\n[[provider]]\nname = "Mine"\nvendor = "openai-compatible"\nbase_url = "{upstream.url}/v1"\n'
        f'api_key = "{CANARIES["openai"]}" # do not lose\nbig_models = ["m"]\nunknown_key = 3\n'
    )
    data = tmp_path / "data"
    configure(data, toml({}, text))
    environment = {**base_environment(), **keyring}
    file = data / "patchbay.toml"
    async with launched(data, "--headless", "--port", "0", environment=environment) as program:
        async with asyncio.timeout(15):
            while "api_key" in file.read_text("utf-8"):
                await asyncio.sleep(0.05)
        status, _ = await program.ask("m", to="/v1/chat/completions")
        assert status == 200
        assert upstream.seen[-1].get("authorization") == f"Bearer {CANARIES['openai']}"
        told = await program.status(lambda one: "Moved the key of Mine" in json.dumps(one), limit_s=10)
        assert CANARIES["openai"] not in json.dumps(told)
        await program.rows(1)
        program.process.terminate()
        assert await program.ended() == 0
    assert "# my providers" in file.read_text("utf-8")
    assert "unknown_key = 3" in file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CANARIES["openai"] in Path(keyring["KEYRING_FILE"]).read_text("utf-8")
    assert hits(stored(data), windows(SECRET_PARTS["openai"])) == []
    async with launched(data, "--headless", "--port", "0", environment=environment) as program:
        async with asyncio.timeout(10):  # the next start has it from there
            while (await program.ask("m", to="/v1/chat/completions"))[0] != 200:
                await asyncio.sleep(0.1)
        program.process.terminate()
        assert await program.ended() == 0


async def test_i08_without_a_keyring_it_works_and_stays_where_the_user_put_it(tmp_path, provider_of_chat):
    upstream = provider_of_chat
    text = (
        f'[[provider]]\nname = "Mine"\nvendor = "openai-compatible"\nbase_url = "{upstream.url}/v1"\n'
        f'api_key = "{CANARIES["openai"]}"\nbig_models = ["m"]\n'
    )
    data = tmp_path / "data"
    configure(data, toml({}, text))
    async with launched(data, "--headless", "--port", "0", environment=base_environment()) as program:
        assert (await program.ask("m", to="/v1/chat/completions"))[0] == 200
        await program.rows(1)
        program.process.terminate()
        assert await program.ended() == 0
    left = stored(data)
    assert CANARIES["openai"].encode() in left.pop("patchbay.toml")
    assert (
        hits(
            {name: one for name, one in left.items() if not name.startswith("patchbay.toml")},
            windows(SECRET_PARTS["openai"]),
        )
        == []
    )


async def test_i09_a_client_key_is_shown_once(p):
    made = await p.running.command("key", "create", "a laptop")
    key = made.out.strip()
    assert re.fullmatch(r"pb_\S{30,}", key)
    listed = await p.running.command("key", "list", "--json")
    assert "a laptop" in listed.out
    assert (
        hits(
            {
                "list": listed.out.encode(),
                "status": (await p.running.command("status", "--json")).out.encode(),
                "doctor": (await p.running.command("doctor")).out.encode(),
            },
            windows(key.removeprefix("pb_")),
        )
        == []
    )
    p.upstream.script = whole(ANTHROPIC.whole())
    reply = await p.ask(ANTHROPIC.path, p.body(ANTHROPIC), *ANTHROPIC.headers, key=key)
    assert reply.status == 200
    await p.row()
    files = await asyncio.to_thread(stored, p.data_dir)
    assert hits(files, windows(key.removeprefix("pb_"))) == []
    assert hits({"history": await asyncio.to_thread(texts, p.data_dir)}, windows(key.removeprefix("pb_"))) == []

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from app.vendors import tokens
from tests.house.source import ROOT


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("", 0),
        ("hello world", 2),
        ("Hello, wonderful world!", 5),
        ("<|endoftext|>", 7),
        # OpenAI's cookbook, "How to count tokens with tiktoken", o200k_base
        ("antidisestablishmentarianism", 6),
        ("2 + 2 = 4", 7),
    ],
)
def test_openai_s_tables_count_as_published(text, known):
    assert tokens.count([text], "gpt-5.5") == known


def test_texts_add_up_and_odd_ones_do_no_harm():
    assert tokens.count(["hello world"] * 3, "gpt-5.5") == 6
    assert tokens.count(["\ud800"], "gpt-5.5") >= 1
    assert tokens.count(["日本語" * 20_000], "gpt-5.5") > 10_000


@pytest.mark.parametrize(
    ("model", "factor"),
    [
        ("gpt-5.5", 1.0),
        ("gemini-3.5-flash", 1.0),
        ("claude-3-5-sonnet-latest", tokens.OLDER_CLAUDE),
        ("claude-haiku-4-5-20251001", tokens.OLDER_CLAUDE),
        ("claude-sonnet-4-20250514", tokens.OLDER_CLAUDE),
        ("claude-opus-4-6", tokens.OLDER_CLAUDE),
        ("anthropic/claude-opus-4.7", tokens.NEWER_CLAUDE),
        ("claude-opus-4-8", tokens.NEWER_CLAUDE),
        ("claude-sonnet-5", tokens.NEWER_CLAUDE),
        ("claude-haiku-5-5", tokens.NEWER_CLAUDE),
        ("us.anthropic.claude-fable-5", tokens.NEWER_CLAUDE),
        ("claude-something", tokens.NEWER_CLAUDE),
    ],
)
def test_every_family_has_its_factor(model, factor):
    assert tokens.factor(model) == factor


def test_the_tables_are_loaded_when_first_used():
    code = "import sys, app.vendors.tokens; print('bpe_openai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_counting_lets_others_run():
    tokens.count(["warm"], "gpt-5.5")
    text = "The quick brown fox jumps over the lazy dog. " * 50_000
    worker = threading.Thread(target=tokens.count, args=([text], "gpt-5.5"))
    longest_s, last_s = 0.0, time.perf_counter()
    worker.start()
    while worker.is_alive():
        time.sleep(0.0002)
        now_s = time.perf_counter()
        longest_s, last_s = max(longest_s, now_s - last_s), now_s
    assert longest_s < 0.1

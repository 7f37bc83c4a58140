from __future__ import annotations

from app.store.config.places import places

TEXT = '''# a comment with [a.header] and key = 1
top = 1
[config]   # trailing
port = 8082
"quoted key" = 1
text = """
[not.a.header]
key = 1 """
list = [
  "x", # ] not the end
  "[provider]",
]
dotted.key = { a = "}" }

[[provider]]
name = "one"
[provider.profile]
top_k = true
[[provider]]
name = 'two \\'
literal = \'\'\'
name = 3
\'\'\'
url = "a \\" # not a comment ["
last = 1
[ limits ]
max_in_flight = 1
'''


def test_every_table_and_key_is_found_at_its_line():
    found = {f"{table}[{index}].{key}": line for (table, index, key), line in places(TEXT).items()}
    assert found == {
        "[0].top": 2,
        "config[0].": 3,
        "config[0].port": 4,
        "config[0].quoted key": 5,
        "config[0].text": 6,
        "config[0].list": 9,
        "config[0].dotted.key": 13,
        "provider[0].": 15,
        "provider[0].name": 16,
        "provider.profile[0].": 17,
        "provider.profile[0].top_k": 18,
        "provider[1].": 19,
        "provider[1].name": 20,
        "provider[1].literal": 21,
        "provider[1].url": 24,
        "provider[1].last": 25,
        "limits[0].": 26,
        "limits[0].max_in_flight": 27,
    }


def test_windows_line_ends_count_once():
    assert places("[config]\r\nport = 1\r\n")["config", 0, "port"] == 2


def test_an_array_below_an_array_is_counted_within_it():
    text = "[[p]]\n[[p.a]]\nx = 1\n[[p.a]]\nx = 2\n[p.t]\ny = 1\n[[p]]\n[[p.a]]\nx = 3\n"
    found = places(text)
    assert found["p.a[0]", 0, "x"] == 3
    assert found["p.a[1]", 0, ""] == 4
    assert found["p.a[1]", 0, "x"] == 5
    assert found["p.t", 0, "y"] == 7
    assert found["p.a[0]", 1, "x"] == 10

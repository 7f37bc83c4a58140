from __future__ import annotations

from app.domain.routing import Choice, Pin
from app.ui.models.pins import pin_target, pin_url
from tests.fakes import sample


def test_the_address_of_a_pin_is_fit_to_paste():
    assert pin_url(sample.status(), "website") == "http://127.0.0.1:8082/p/website"
    assert pin_url(sample.status(), "my site/ü") == "http://127.0.0.1:8082/p/my%20site%2F%C3%BC"


def test_where_it_leads():
    assert pin_target(Pin("a", Choice("Ollama", "qwen"))) == "Ollama › qwen"
    assert pin_target(Pin("a", Choice("Ollama"))) == "Ollama › by tier"
    assert "\n" not in pin_target(Pin("a", Choice("O\nl", "q\nw")))

from __future__ import annotations

from app.domain.provider import CredentialState, Tier

ONE = '[[provider]]\nname = "A"\nvendor = "openai"\n'


async def test_alone_it_is_active_and_never_written(desk):
    await desk.begin()
    desk.file.begin(8082)
    before = desk.text()
    await desk.demo.start()
    assert desk.snapshot.active().name == "Demo"
    assert desk.snapshot.active().base_url == "http://127.0.0.1:9999"
    assert desk.snapshot.target("claude-opus-4-5").model == "demo-large"
    assert desk.snapshot.credential("Demo").state is CredentialState.NOT_NEEDED
    await desk.routes.use("Demo")
    await desk.routes.choose(Tier.BIG, "demo-small")
    assert desk.snapshot.target("claude-opus-4-5").model == "demo-small"
    assert desk.text() == before


async def test_beside_others_it_waits_to_be_chosen(desk):
    await desk.begin(ONE)
    await desk.demo.start()
    assert desk.snapshot.active().name == "A"
    await desk.demo.start(activate=True)
    assert desk.snapshot.active().name == "Demo"
    await desk.configuration.reload()
    assert desk.snapshot.active().name == "Demo"
    await desk.routes.use("A")
    assert desk.snapshot.active().name == "A"
    await desk.demo.stop()
    assert not desk.upstream.running


async def test_a_provider_of_that_name_keeps_it(desk):
    await desk.begin(ONE.replace('"A"', '"demo"'))
    await desk.demo.start()
    assert [one.name for one in desk.snapshot.providers] == ["demo", "Demo (built in)"]

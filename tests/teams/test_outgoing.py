"""The guarded client: only public machines over https, whatever a name says the second time."""

import contextlib
import time

import pytest

from teams import outgoing
from teams.addresses import may_reach
from teams.outgoing import Unreachable, post_json, target_of
from tests.teams.chat_server import chat_server, endlessly, slowly

INSIDE = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255"),
    *("192.168.1.1", "100.64.0.1", "169.254.169.254", "169.254.1.1", "192.0.0.8", "192.0.0.192"),
    *("198.18.0.1", "192.0.2.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *("100.100.100.200", "168.63.129.16", "192.88.99.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1"),
    *("", "localhost", "2130706433", "0x7f.1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_may_not_be_reached(address):
    assert not may_reach(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "44.230.4.5", "2606:4700::1111"])
def test_a_public_machine_may_be_reached(address):
    assert may_reach(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "fd12::1", "::1"])
def test_a_host_that_the_operator_named_may_stand_inside(address):
    assert may_reach(address, allowed=True)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254", "0.0.0.0"],
)
def test_where_clouds_tell_secrets_is_never_asked(address):
    assert not may_reach(address, allowed=True)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.slack.com/services/T/B/x", "https://"),
        ("ftp://hooks.slack.com/x", "https://"),
        ("https://user:pass@hooks.slack.com/x", "without a name"),
        ("https://hooks.slack.com@127.0.0.1/x", "without a name"),
        ("https://hooks.slack.com/x#y", "without a name"),
        ("https://hooks.slack.com:8443/x", "443"),
        ("https://hooks.slack.com:99999/x", "not a web address"),
        ("https:///x", "without a name"),
        ("https://", "without a name"),
        ("https://hooks.slack.com/a b", "characters"),
        ("https://hooks.slack.com/a\r\nHost: x", "characters"),
        ("https://hooks.slack.com\\@127.0.0.1/", "characters"),
        ("https://ⓛocalhost/x", "characters"),
        ("slack", "https://"),
    ],
)
def test_an_address_that_is_none_is_refused_in_words_that_do_not_repeat_it(url, said):
    with pytest.raises(Unreachable, match=said) as refused:
        target_of(url)
    assert "slack.com" not in str(refused.value)


# -- a real server ------------------------------------------------------------------------------


@pytest.fixture
def chat(tmp_path, settings, monkeypatch):
    with chat_server(tmp_path, settings, monkeypatch) as server:
        yield server


def test_a_post_arrives_with_its_host_key_and_body(chat):
    assert post_json(chat.url, {"text": "Grüße"}, key="k1") == 200

    [(path, headers, body)] = chat.posts
    assert path == "/services/T0/B0/s3cret"
    assert headers["Host"] == f"chat.example:{chat.server_port}"
    assert headers["Idempotency-Key"] == "k1"
    assert body == b'{"text": "Gr\\u00fc\\u00dfe"}'


def test_the_connection_goes_to_the_address_that_was_judged(chat):
    # A name that would lead elsewhere the second time it is looked up.
    chat.names["chat.example"] = [["127.0.0.1"], ["169.254.169.254"]]
    assert post_json(chat.url, {}, key="k") == 200
    assert len(chat.names["chat.example"]) == 1  # it was looked up once


@pytest.mark.parametrize(
    "answers", [["10.0.0.9"], ["1.1.1.1", "10.0.0.9"], ["169.254.169.254"], ["::ffff:10.0.0.9"]]
)
def test_a_name_that_leads_inside_is_not_asked(chat, settings, answers):
    settings.OUTGOING_HOSTS = []
    chat.names["inside.example"] = answers
    with pytest.raises(Unreachable, match="may not be asked"):
        post_json("https://inside.example/x", {}, key="k")
    assert chat.posts == []


def test_the_host_beside_an_allowed_one_is_not_allowed(chat):
    chat.names["other.example"] = ["127.0.0.1"]
    port = chat.server_port
    for url in ("https://other.example/x", "https://127.0.0.1/x", "https://chat.example/x"):
        with pytest.raises(Unreachable, match="may not be asked"):
            post_json(url, {}, key="k")
    with pytest.raises(Unreachable, match="443"):
        post_json(f"https://127.0.0.1:{port}/x", {}, key="k")
    assert chat.posts == []


def test_an_allowed_host_never_leads_to_the_clouds_secrets(chat):
    chat.names["chat.example"] = ["169.254.169.254"]
    with pytest.raises(Unreachable, match="may not be asked"):
        post_json(chat.url, {}, key="k")


def test_control_without_the_judge_the_inside_is_asked(chat, monkeypatch, settings):
    chat.names["inside.example"] = ["127.0.0.1"]
    monkeypatch.setattr(outgoing, "may_reach", lambda *_, **__: True)
    settings.OUTGOING_HOSTS = [f"inside.example:{chat.server_port}"]
    with pytest.raises(Unreachable, match="certificate"):
        post_json(f"https://inside.example:{chat.server_port}/x", {}, key="k")


def test_a_redirect_is_not_followed(chat):
    chat.answers[:] = [302]
    assert post_json(chat.url, {}, key="k") == 302
    assert len(chat.posts) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(chat, settings):
    settings.OUTGOING_CA_FILE = ""
    with pytest.raises(Unreachable, match="certificate could not be verified"):
        post_json(chat.url, {}, key="k")
    assert chat.posts == []


def test_a_proxy_of_the_environment_is_not_used(chat, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert post_json(chat.url, {}, key="k") == 200


def test_a_name_that_does_not_exist_and_a_port_nobody_listens_at(chat, settings):
    chat.names["nowhere.example"] = []
    with pytest.raises(Unreachable, match="leads to no machine"):
        post_json("https://gone.invalid/x", {}, key="k")
    settings.OUTGOING_HOSTS = ["chat.example:1"]
    with pytest.raises(Unreachable, match="could not be reached"):
        post_json("https://chat.example:1/secret", {}, key="k")


@pytest.mark.parametrize("behave", [slowly, endlessly])
def test_a_slow_or_endless_answer_ends_in_time(chat, monkeypatch, behave):
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    chat.behave = behave
    began = time.monotonic()
    with contextlib.suppress(Unreachable):
        assert post_json(chat.url, {}, key="k") == 200
    assert time.monotonic() - began < 5


def test_a_slow_answer_is_told_as_none(chat, monkeypatch):
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    chat.behave = slowly
    with pytest.raises(Unreachable, match="No answer came within"):
        post_json(chat.url, {}, key="k")

"""extractors.addresses and extractors.targets: what may be connected to, what is requested. Pure: nothing is sent."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.addresses import host_literal, is_public
from extractors.errors import BadUrl, Blocked, FetchError
from extractors.targets import redirect_target, target_of


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "fec0::1",
        "ff02::1",
        "5f00::1",
        "no address",
        "",
    ],
)
def test_no_address_outside_the_public_internet_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700::1111",
    ],
)
def test_neighbours_of_closed_ranges_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_what_the_standard_library_calls_private_is_never_public(address: IPv4Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert not is_public(address)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("00000177.0.0.01", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("10.1.257", "10.1.1.1"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("4294967295", "255.255.255.255"),
        ("[::1]", "::1"),
        ("::ffff:7f00:1", "::ffff:127.0.0.1"),
    ],
)
def test_every_spelling_of_an_address_is_recognised(host: str, address: str) -> None:
    assert host_literal(host) == ip_address(address)


@pytest.mark.parametrize("host", ["example.com", "127.example", "1e100.example", "0x7f.1.example.org", "a1", "", "x."])
def test_names_are_no_addresses(host: str) -> None:
    assert host_literal(host) is None


@pytest.mark.parametrize(
    "host", ["1.2.3.4.5", "256.0.0.1", "1.2.3.256", "4294967296", "08.0.0.1", "1..1", "a.1", "::g", "9" * 5000]
)
def test_what_ends_in_a_number_and_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        host_literal(host)


@given(st.ip_addresses())
def test_the_plain_form_of_an_address_means_itself(address: IPv4Address) -> None:
    assert host_literal(str(address)) == address


@given(st.ip_addresses(v=4), st.sampled_from(["{}", "0x{:x}", "0{:o}"]))
def test_a_disguised_address_is_blocked_wherever_it_leads(address: IPv4Address, disguise: str) -> None:
    with pytest.raises(Blocked):
        target_of(f"http://{disguise.format(int(address))}/")


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "0177.0.0.1", "2130706433", "127。1", "１２７.1", "[fe80::1%25x]"])
def test_short_octal_hex_and_full_width_hosts_are_blocked(host: str) -> None:
    with pytest.raises(Blocked):
        target_of(f"http://{host}/")


@pytest.mark.parametrize(
    ("url", "requested"),
    [
        ("https://news.example", "https://news.example/"),
        ("  HTTPS://News.Example:443/A?b=C#part\n", "https://news.example/A?b=C"),
        ("http://news.example:8080/a", "http://news.example:8080/a"),
        ("https://user:secret@news.example/a", "https://news.example/a"),
        ("https://bücher.example/ä?ö=ü", "https://xn--bcher-kva.example/%C3%A4?%C3%B6=%C3%BC"),
        ("https://news.example/a%2Fb%zz?x=%c3", "https://news.example/a%2Fb%zz?x=%c3"),
        ("https://news.example./a b", "https://news.example/a%20b"),
        ("https://news.example\\a\\b?c\\d", "https://news.example/a/b?c%5Cd"),
        ("https://news.example\\@other.example/", "https://news.example/@other.example/"),
        ("https://news_1.example/", "https://news_1.example/"),
        ("http://127。0。0。1/", "http://127.0.0.1/"),
        ("http://[2606:4700:0::1]/", "http://[2606:4700::1]/"),
        ("https://news.example/a\r\nHost: other.example", "https://news.example/aHost:%20other.example"),
    ],
)
def test_only_what_http_cannot_carry_is_changed(url: str, requested: str) -> None:
    assert target_of(url).url == requested


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news",
        "/a",
        "//news.example/a",
        "ftp://news.example/",
        "file:///etc/hosts",
        "javascript:alert(1)",
        "http://",
        "http:///a",
        "http://a..b/",
        "http://-a.example/",
        "http://a b.example/",
        "http://%31.example/",
        "http://news.example:0/",
        "http://news.example:99999/",
        "http://news.example:x/",
        "http://[::1",
        "http://1.2.3.4.5/",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 130 + "example/",
        "http://news.example/" + "a" * 9000,
    ],
)
def test_what_is_no_web_address_is_a_bad_url(url: str) -> None:
    with pytest.raises(BadUrl):
        target_of(url)


@given(st.text(max_size=60))
def test_any_text_gives_a_target_or_a_known_error(text: str) -> None:
    for url in (text, f"http://{text}", f"http://news.example/{text}"):
        try:
            target = target_of(url)
        except FetchError:
            continue
        assert target.url.isascii()
        assert target.url.isprintable()
        assert " " not in target.url
        assert target_of(target.url) == target


@pytest.mark.parametrize(
    ("location", "requested"),
    [
        ("/b", "https://news.example/b"),
        ("b?x=1#y", "https://news.example/dir/b?x=1"),
        ("?n", "https://news.example/dir/a?n"),
        ("//other.example/b", "https://other.example/b"),
        ("http://other.example", "http://other.example/"),
        ("../../../b", "https://news.example/b"),
        ("  /b ", "https://news.example/b"),
        ("/caf\udcc3\udca9", "https://news.example/caf%C3%A9"),
    ],
)
def test_a_redirect_is_resolved_against_its_source(location: str, requested: str) -> None:
    assert redirect_target(target_of("https://news.example/dir/a?q"), location).url == requested


@pytest.mark.parametrize(
    "location", ["file:///etc/hosts", "ftp://a.example/", "data:text/html,x", "gopher://a.example", "HTTP+x:y"]
)
def test_a_redirect_to_another_scheme_is_blocked(location: str) -> None:
    with pytest.raises(Blocked):
        redirect_target(target_of("https://news.example/"), location)

"""A throw-away certificate authority for tests: made in memory, gone with the test.

ca = ThrowawayCA()
ca.server_context()              # shows each host that SNI names a certificate of its own, made on the fly
ca.client_context()              # trusts this CA and no other
ca.expired.add("old.example"); ca.misnamed.add("other.example"); ca.self_signed.add("own.example")
"""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class ThrowawayCA:
    """Signs for any host. Hosts in `expired`, `misnamed`, `self_signed` get certificates with that fault."""

    def __init__(self) -> None:
        self.expired: set[str] = set()
        self.misnamed: set[str] = set()
        self.self_signed: set[str] = set()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Throw-away CA")
        self._certificate = self._signed(self._name, self._key, subject_key=self._key, host=None)
        self._contexts: dict[str, ssl.SSLContext] = {}

    def client_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self._certificate.public_bytes(Encoding.PEM).decode())
        return context

    def server_context(self) -> ssl.SSLContext:
        context = self._context_for("unnamed.example")

        def choose(connection: ssl.SSLObject, host: str | None, _: ssl.SSLContext) -> None:
            connection.context = self._context_for(host or "unnamed.example")

        context.sni_callback = choose
        return context

    def _context_for(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            key = ec.generate_private_key(ec.SECP256R1())
            signing_key = key if host in self.self_signed else self._key
            issuer = _name(host) if host in self.self_signed else self._name
            certificate = self._signed(issuer, signing_key, subject_key=key, host=host)
            with tempfile.TemporaryDirectory() as folder:  # ssl takes a chain from a file only
                path = Path(folder) / "host.pem"
                secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
                path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(path)
            self._contexts[host] = context
        return self._contexts[host]

    def _signed(
        self,
        issuer: x509.Name,
        issuer_key: ec.EllipticCurvePrivateKey,
        *,
        subject_key: ec.EllipticCurvePrivateKey,
        host: str | None,
    ) -> x509.Certificate:
        """A certificate for a host, or (None) the CA's own."""
        now = datetime.now(UTC)
        end = now - timedelta(days=1) if host in self.expired else now + timedelta(days=1)
        shown = "elsewhere.example" if host in self.misnamed else host
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(host) if host else issuer)
            .issuer_name(issuer)
            .public_key(subject_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(subject_key.public_key()), critical=False)
            .add_extension(authority, critical=False)
        )
        if shown is None:
            usage = x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            )
            builder = builder.add_extension(usage, critical=True)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(shown)]), critical=False)
        return builder.sign(issuer_key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])

"""The registry's TLS certificate, as a client that knows the lab's authority sees it."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from labs.registry import manifests
from labs.registry.authority import Authority

PLACEMENT = manifests.Placement(address="10.96.0.77")
SUBJECTS = [x509.DNSName(name) for name in ("cgr.dev", "localhost", "registry.platform-labs.svc.cluster.local")] + [
    x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "10.96.0.77")
]


def _verify(authority: Authority, trusted: x509.Certificate, subject: x509.DNSName | x509.IPAddress) -> None:
    leaf, parent = x509.load_pem_x509_certificates(manifests.server(authority, PLACEMENT).chain)
    assert parent == authority.tls.certificate
    when = authority.created + timedelta(days=3600)
    PolicyBuilder().store(Store([trusted])).time(when).build_server_verifier(subject).verify(leaf, [])


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: str(subject.value))
def test_holds_for_every_name_and_address(authority: Authority, subject: x509.DNSName | x509.IPAddress) -> None:
    _verify(authority, authority.tls.certificate, subject)


def test_holds_for_no_other_name(authority: Authority) -> None:
    with pytest.raises(VerificationError):
        _verify(authority, authority.tls.certificate, x509.DNSName("quay.io"))


def test_is_not_vouched_for_by_the_signing_authority(authority: Authority) -> None:
    with pytest.raises(VerificationError):
        _verify(authority, authority.fulcio.certificate, x509.DNSName("cgr.dev"))

"""A kubeconfig that the caller trusts, read by the `kubernetes` package with all that it may do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.errors import InputError
from grader.kube.errors import Unreachable
from grader.kube.kubeconfig import Access
from grader.text import one_line


def access(path: Path, context: str) -> Access:
    """The access that the official client makes of a context: programs run, files are read.

    Raises InputError where the client cannot make sense of it.
    """
    from kubernetes.client.configuration import Configuration
    from kubernetes.config.config_exception import ConfigException
    from kubernetes.config.kube_config import load_kube_config

    found = Configuration()
    load: Any = load_kube_config
    try:
        load(str(path), context, found, persist_config=False)
        if not found.auth_settings() and not found.cert_file:
            raise InputError("the kubeconfig's sign-in gives neither a token nor a certificate", where=str(path))
        return Access(
            server=str(found.host),
            context=context,
            ca=_bytes(found.ssl_ca_cert),
            certificate=_bytes(found.cert_file),
            key=_bytes(found.key_file),
            refresh=_header(found),
            server_name=found.tls_server_name or None,
            proxy=found.proxy or None,
            verify=bool(found.verify_ssl),
        )
    except (ConfigException, OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"the kubeconfig cannot be used: {one_line(str(error))}", where=str(path)) from None


def _bytes(path: str | None) -> bytes | None:
    return Path(path).read_bytes() if path else None


def _header(configuration: Any) -> Callable[[], str | None]:
    def header() -> str | None:
        try:
            found = configuration.auth_settings().get("BearerToken", {}).get("value")
        except Exception as error:  # the sign-in program's own failure, of any kind
            raise Unreachable(f"the kubeconfig's sign-in failed: {one_line(str(error))}") from None
        return str(found) if found else None

    return header

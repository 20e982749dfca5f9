"""The lab's own registry and its world of signatures.

A private Sigstore (certificate authority, transparency log, certificate log), sample images that
are signed and mis-signed in every way a policy must tell apart, the trust that Kyverno is given,
and the registry that serves it all as `cgr.dev`.
"""

"""What Kyverno's policy webhook refuses, one subject a file.

Source: Kyverno 1.19.1 pkg/webhooks/policy/handlers.go → pkg/validation/policy/validate.go (Validate).
"""

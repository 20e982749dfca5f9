"""Plain YAML scalars as Kubernetes reads them (go.yaml.in/yaml v2, resolve.go)."""

from __future__ import annotations

import re
from typing import Any

import yaml

STRING = "tag:yaml.org,2002:str"


def implicit_tag(text: str) -> str:
    """The tag that PyYAML gives a plain scalar; another one on the node was written out."""
    for tag, pattern in yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], []):
        if pattern.match(text):
            return str(tag)
    return STRING


# What PyYAML resolves implicitly; the value is resolved anew by Go's rules below.
SCALAR_TAGS = frozenset(
    f"tag:yaml.org,2002:{tag}" for tag in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge")
)
_CONSTANTS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
for _word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"):
    _CONSTANTS[_word] = True
for _word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"):
    _CONSTANTS[_word] = False
_INT = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+][0-9]+)?\Z")  # yaml.v2 resolve.go yamlStyleFloat


def resolve(text: str) -> Any:
    """A plain scalar's value by go.yaml.in/yaml v2 resolve.go."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    plain = text.replace("_", "")
    if _INT.match(plain):
        return _integer(plain)
    if _FLOAT.match(plain) and len(plain) < 400:
        return float(plain)
    return text


def _integer(text: str) -> Any:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-").lower()
    if len(digits) > 64:
        return text
    if digits.startswith(("0x", "0b", "0o")):
        return sign * int(digits, 0)
    if len(digits) > 1 and digits.startswith("0"):
        return sign * int(digits, 8)
    return sign * int(digits)

"""Secrets in what is about to be stored: keys, tokens and passwords, by their form. Pure."""

from __future__ import annotations

import re

MARK = "[redacted]"

# Forms that nothing else has: what the services themselves put at the front of a key.
_KEYS = re.compile(
    r"""
    -----BEGIN\ (?P<kind>[A-Z ]*PRIVATE\ KEY(?:\ BLOCK)?)-----.*?(?:-----END\ (?P=kind)-----|\Z)
    | \b(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{16}\b                       # AWS key ids
    | \bgh[pousr]_[A-Za-z0-9]{36,}\b | \bgithub_pat_\w{22,}\b       # GitHub
    | \bglpat-[\w-]{20,}                                            # GitLab
    | \b(?:sk|rk|pk)[-_](?:[a-z]+[-_])*[A-Za-z0-9_-]{16,}(?<=[\w])  # OpenAI, Anthropic, Stripe and their like
    | \bxox[abeoprs]-[A-Za-z0-9-]{10,} | \bxapp-[A-Za-z0-9-]{10,}   # Slack
    | https://hooks\.slack\.com/services/[\w/]+
    | \bAIza[\w-]{35}\b                                             # Google
    | \bya29\.[\w-]{20,}
    | \bhf_[A-Za-z0-9]{30,}\b                                       # Hugging Face
    | \bnpm_[A-Za-z0-9]{36}\b | \bpypi-[\w-]{50,}
    | \bSG\.[\w-]{16,}\.[\w-]{16,}                                  # SendGrid
    | \beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}                       # JSON web tokens
    """,
    re.VERBOSE | re.DOTALL,
)
_BEARER = re.compile(r"(?i)(\b(?:bearer|basic|token)\s+)([A-Za-z0-9+/_.~-]{16,}=*)")
_IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)([^\s/@]+)(@)", re.IGNORECASE)
_NAME = (
    r"[\w.-]*(?:pass(?:word|wd|phrase)|\bpwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|"
    r"(?:access|auth|api|bot|refresh|client|session)[_-]?token|credentials?)[\w-]*"
)
_QUOTED = re.compile(rf"(?i)((?<![\w$]){_NAME}[\"']?\s*(?::|=>?|:=)\s*[brfu]?)([\"'])([^\"'\s]{{4,}})(\2)")
_BARE = re.compile(rf"(?i)((?<![\w$]){_NAME}[\"']?\s*(?::|=|\bis\b)\s*)([^\s\"'`,;()\[\]{{}}<>$]{{6,}})")
_PLACEHOLDER = re.compile(
    r"(?i)^[<{$%*.]|^x{3}|^(?:your|my|the|some|example|change|secret|password|dummy|test|todo|none|null|true|false)"
    r"(?:[\W_].*)?$|\.\.\.|^process\.env|^os\.environ|^env\b"
)


def redact(text: str) -> str:
    """A text with `[redacted]` in the place of each secret.

    A secret is known by the front of its own form (`ghp_…`, `AKIA…`, a private key block, a web token), by
    the word before it (`Bearer …`, `password = "…"`), or by its place in an address. Hashes, identifiers
    and ordinary code stay as they are.

    Args:
        text: What is to be stored.
    """
    text = _KEYS.sub(_key, text)
    text = _IN_URL.sub(_in_url, text)
    text = _BEARER.sub(_bearer, text)
    text = _QUOTED.sub(_quoted, text)
    return _BARE.sub(_bare, text)


def _key(match: re.Match[str]) -> str:
    return MARK if match["kind"] or re.search(r"\d", match[0]) or "slack" in match[0] else match[0]


def _in_url(match: re.Match[str]) -> str:
    return match[0] if _PLACEHOLDER.search(match[2]) else f"{match[1]}{MARK}{match[3]}"


def _bearer(match: re.Match[str]) -> str:
    return f"{match[1]}{MARK}" if _mixed(match[2]) else match[0]


def _quoted(match: re.Match[str]) -> str:
    return match[0] if _PLACEHOLDER.search(match[3]) else f"{match[1]}{match[2]}{MARK}{match[4]}"


def _bare(match: re.Match[str]) -> str:
    """Without quotes it is mostly code: only what looks like no name and no call is a secret."""
    value = match[2].rstrip(".:!?")
    after = match.string[match.end() : match.end() + 1]
    if not value or after in ("(", "[") or _PLACEHOLDER.search(value) or not _mixed(value):
        return match[0]
    if re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", value):  # settings.api_key2
        return match[0]
    return f"{match[1]}{MARK}{match[2][len(value) :]}"


def _mixed(value: str) -> bool:
    """Whether a text has letters and digits, as generated secrets and most passwords have."""
    return bool(re.search(r"\d", value)) and bool(re.search(r"[A-Za-z]", value))

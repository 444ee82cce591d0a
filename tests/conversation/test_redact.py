"""Secrets are not stored; what only looks like one is."""

from __future__ import annotations

import pytest

from codey.conversation.redact import MARK, redact

# Put together here so that no scanner takes this file for a leak.
HEX = "0123456789abcdef"
GITHUB = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"
OPENAI = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF"
AWS_ID = "AKIA" + "IOSFODNN7EXAMPLE"
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
SLACK = "xoxb-" + "123456789012-abcdefABCDEF0123456789"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"my key is {AWS_ID}", AWS_ID),
        (f"aws_secret_access_key = {AWS_SECRET}", AWS_SECRET),
        (f"git clone https://{GITHUB}@github.com/a/b", GITHUB),
        (f"export GITHUB_TOKEN={GITHUB}", GITHUB),
        (f'client = OpenAI(api_key="{OPENAI}")', OPENAI),
        (f"use {OPENAI}.", OPENAI),
        ("sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyjWDarjtT1zdp7dc"),
        (f"slack: {SLACK}", SLACK),
        ("https://hooks.slack.com/services/" + "T00000000/B00000000/XXXXXXXXXXXX", "B00000000"),
        (f"Authorization: Bearer {JWT}", JWT),
        (f"token {JWT} expired", JWT),
        ("curl -H 'Authorization: Bearer " + "a8f5f167f44f4964e6c998dee827110c'", "a8f5f167f44f4964"),
        (f"here:\n{PEM}\nthanks", "MIIEow"),
        (f"cut off: {PEM[:45]}", "MIIEow"),
        ('password = "hunter2secret"', "hunter2secret"),
        ("password: 'correct-horse'", "correct-horse"),
        ('password = "x7Kp2mNq9R"', "x7Kp2mNq9R"),
        ("DB_PASSWORD=s3cr3tpass", "s3cr3tpass"),
        ("the admin password is tr0ub4dor", "tr0ub4dor"),
        ('{"client_secret": "8f14e45fceea167a"}', "8f14e45fceea167a"),
        ("api_key: 9x8y7z6w5v", "9x8y7z6w5v"),
        ("postgres://app:p4ssw0rd@db.example/app", "p4ssw0rd"),
        ("AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "SyD-9tSrke72"),
        ("hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567", "aBcDeFgHiJkL"),
        ("glpat-" + "x7Kp2mNq9RtVw4yZb1cD", "x7Kp2mNq9R"),
    ],
)
def test_a_secret_is_not_stored(text: str, secret: str) -> None:
    stored = redact(text)
    assert secret not in stored
    assert MARK in stored
    assert redact(stored) == stored


@pytest.mark.parametrize(
    "text",
    [
        "commit 9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d9b1deb4d",
        "git show 9b1deb4",
        f"sha256: {HEX * 4}",
        "id = '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d'",
        "def check_password(password: str, hashed: bytes) -> bool:",
        "password = input('Password: ')",
        "password = getpass.getpass()",
        'api_key = os.environ["OPENAI_API_KEY"]',
        "api_key=settings.api_key2",
        "token = self.next_token()",
        "tokens = tokenizer.encode(text1)",
        "if password != user.password: raise ValueError",
        'PASSWORD = "<your password>"',
        "api_key: str | None = None",
        "secret = secrets.token_hex(16)",
        "the password must be at least 12 characters",
        "sort by key: key=lambda item: item.value1",
        "max_tokens=4096, n_tokens: 1024",
        "https://example.org/a:b/c@d",
        "git@github.com:owner/repo1.git",
        "ssh://git@host.example:2222/repo",
        "a risk-based-approach-to-everything",
        "sk-learn and task_sk_learn_pipeline_for_everybody",
        "data = 'aGVsbG8gd29ybGQgdGhpcyBpcyBqdXN0IGJhc2U2NA=='",
        "the bearer of this letter",
        "a basic understanding of something1234",
        "passwords: see docs/passwords.md",
        "mail marta@example.org about v2.10.3",
    ],
)
def test_ordinary_text_and_code_survive(text: str) -> None:
    assert redact(text) == text


def test_the_text_around_a_secret_stays() -> None:
    assert redact('connect(host="db", password="hunter2x")') == f'connect(host="db", password="{MARK}")'
    assert redact("postgres://app:p4ssw0rd@db/app") == f"postgres://app:{MARK}@db/app"

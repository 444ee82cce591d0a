"""Small functions on data formats: JSON, CSV, settings, URLs and codes."""

import base64
import configparser
import csv
import hashlib
import json
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit


def read_json(path: str) -> object:
    """Read a JSON file."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(path: str, data: object) -> None:
    """Write data to a JSON file."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=2)


def read_csv(path: str) -> list[dict[str, str]]:
    """Read the rows of a CSV file as dictionaries."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path: str, rows: list[dict]) -> None:
    """Write a list of dictionaries to a CSV file."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        if rows:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def csv_to_json(csv_path: str, json_path: str) -> None:
    """Convert a CSV file to a JSON file."""
    with open(csv_path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=2)


def json_to_csv(json_path: str, csv_path: str) -> None:
    """Convert a JSON file with a list of objects to a CSV file."""
    with open(json_path, encoding="utf-8") as file:
        rows = json.load(file)
    with open(csv_path, "w", encoding="utf-8", newline="") as file:
        if rows:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def csv_column(path: str, column: str) -> list[str]:
    """Return the values of one column of a CSV file."""
    with open(path, encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


def sum_csv_column(path: str, column: str) -> float:
    """Return the sum of one column of a CSV file."""
    with open(path, encoding="utf-8", newline="") as file:
        return sum(float(row[column]) for row in csv.DictReader(file) if row[column])


def filter_csv_rows(path: str, column: str, value: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file that have a value in a column."""
    with open(path, encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row[column] == value]


def pretty_json(data: object) -> str:
    """Return data or JSON text as indented JSON."""
    if isinstance(data, str):
        data = json.loads(data)
    return json.dumps(data, indent=2, ensure_ascii=False)


def is_valid_json(text: str) -> bool:
    """Return whether a text is valid JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def read_ini(path: str) -> dict[str, dict[str, str]]:
    """Read an INI file as a dictionary of sections."""
    parser = configparser.ConfigParser(interpolation=None)
    with open(path, encoding="utf-8") as file:
        parser.read_file(file)
    return {section: dict(parser[section]) for section in parser.sections()}


def read_env_file(path: str) -> dict[str, str]:
    """Read the variables of an .env file."""
    variables = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if "=" in line and not line.startswith("#"):
                name, value = line.split("=", 1)
                variables[name.strip()] = value.strip().strip("\"'")
    return variables


def parse_query_string(query: str) -> dict[str, str]:
    """Return the parameters of a URL or query string."""
    return dict(parse_qsl(urlsplit(query).query or query))


def build_url(base: str, parameters: dict) -> str:
    """Add query parameters to a URL."""
    if not parameters:
        return base
    separator = "&" if "?" in base else "?"
    return base + separator + urlencode(parameters)


def url_domain(url: str) -> str:
    """Return the domain of a URL."""
    if "//" not in url:
        url = "//" + url
    return urlsplit(url).hostname or ""


def base64_encode(text: str) -> str:
    """Encode a text as base64."""
    return base64.b64encode(text.encode()).decode("ascii")


def base64_decode(text: str) -> str:
    """Decode a base64 text."""
    return base64.b64decode(text).decode()


def hash_text(text: str, algorithm: str = "sha256") -> str:
    """Return the hash of a text in hexadecimal."""
    return hashlib.new(algorithm, text.encode()).hexdigest()


def random_id() -> str:
    """Return a new random unique id."""
    return str(uuid.uuid4())

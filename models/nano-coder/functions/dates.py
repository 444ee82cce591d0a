"""Small functions on dates and times."""

import calendar
import re
from datetime import date, datetime, timedelta, timezone


def days_between(start: date, end: date) -> int:
    """Return the number of days between two dates."""
    return abs((end - start).days)


def add_days(day: date, days: int) -> date:
    """Return the date a number of days after a date."""
    return day + timedelta(days=days)


def is_weekend(day: date) -> bool:
    """Check whether a date falls on a Saturday or Sunday."""
    return day.weekday() >= 5


def weekday_name(day: date) -> str:
    """Return the name of the weekday of a date."""
    return day.strftime("%A")


def age_in_years(birthday: date, today: date | None = None) -> int:
    """Return the age in full years of a person born on a date."""
    today = today or date.today()
    had_birthday = (today.month, today.day) >= (birthday.month, birthday.day)
    return today.year - birthday.year - (not had_birthday)


def parse_date(text: str) -> date:
    """Turn a text in one of the common formats into a date."""
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%B %d, %Y"):
        try:
            return datetime.strptime(text.strip(), pattern).date()
        except ValueError:
            continue
    raise ValueError(f"not a date: {text!r}")


def format_date(day: date, pattern: str = "%d %B %Y") -> str:
    """Return a date as text."""
    return day.strftime(pattern)


def days_in_month(year: int, month: int) -> int:
    """Return the number of days in a month."""
    return calendar.monthrange(year, month)[1]


def last_day_of_month(day: date) -> date:
    """Return the last date of the month of a date."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def next_weekday(day: date, weekday: int) -> date:
    """Return the next date after a date on a weekday, where Monday is 0."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def days_until(day: date, today: date | None = None) -> int:
    """Return how many days are left until a date."""
    return (day - (today or date.today())).days


def date_range(start: date, end: date) -> list[date]:
    """Return every date from a start to an end, both included."""
    return [start + timedelta(days=days) for days in range((end - start).days + 1)]


def week_number(day: date) -> int:
    """Return the ISO week number of a date."""
    return day.isocalendar()[1]


def timestamp_to_date(timestamp: float) -> datetime:
    """Turn a Unix timestamp into a date and time in UTC."""
    return datetime.fromtimestamp(timestamp, timezone.utc)


def is_valid_date(text: str, pattern: str = "%Y-%m-%d") -> bool:
    """Check whether a text is a real date."""
    try:
        datetime.strptime(text, pattern)
    except ValueError:
        return False
    return True


def format_duration(seconds: int) -> str:
    """Return a number of seconds as text such as 1h 30m."""
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def parse_duration(text: str) -> int:
    """Turn a text such as 1h 30m into a number of seconds."""
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    found = re.findall(r"(\d+)\s*([dhms])", text.lower())
    if not found:
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(count) * units[unit] for count, unit in found)


def time_ago(moment: datetime, now: datetime | None = None) -> str:
    """Say in words how long ago a moment was."""
    now = now or datetime.now(moment.tzinfo)
    seconds = int((now - moment).total_seconds())
    units = {"year": 31536000, "month": 2592000, "day": 86400, "hour": 3600, "minute": 60}
    for unit, size in units.items():
        count = seconds // size
        if count > 0:
            plural = "" if count == 1 else "s"
            return f"{count} {unit}{plural} ago"
    return "just now"

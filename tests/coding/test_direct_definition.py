"""Small changes of one definition, in the words of different people."""

from __future__ import annotations

import pytest

from codey.coding.direct import direct_edits
from codey.editing.edit import WriteFile
from codey.errors import RefusedEditError

SOURCE = """\
import os

TIMEOUT = 10


def f(x, items=None, n=3):
    label = "a"
    retry(timeout=10)
    return g2(x, 7, label)


class Cache:
    def load(self, key, limit: int = 5):
        return key
"""
HEADER = "def f(x, items=None, n=3):\n"
BODY = SOURCE.split(HEADER)[1].split("\n\n\n")[0]


def change(
    request: str, about: str | None = None, symbol: str | None = None, source: str = SOURCE
) -> str | None:
    edits = direct_edits(request, {"a.py": source.encode()}.get, about, symbol)
    if not edits:
        return None
    (edit,) = edits
    assert isinstance(edit, WriteFile)
    assert edit.path == "a.py"
    return edit.text


def wordings(text: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("request_", text.strip().splitlines())


@wordings('''
add the docstring "T" to f in a.py
set the docstring of f to "T" in a.py
document f with "T" in a.py
in a.py give f the docstring "T"
in a.py, document f() with 'T'
please add a docstring "T" to the function f in a.py
can you add the docstring "T" to f in a.py?
a.py: add docstring "T" to f
f in a.py should have the docstring "T"
put "T" as docstring in f in a.py
use "T" as the docstring of f in a.py
replace the docstring of f with "T" in a.py
replace docstring of f in a.py by "T"
change f's docstring to "T" in a.py
change the docstring of f in a.py to "T"
the docstring of f in a.py should be "T"
add docstring to f in a.py: "T"
add a docstring to f in a.py that says "T"
add a docstring saying "T" to f in a.py
insert the docstring """T""" into f in a.py
add "T" as a docstring to f in a.py
update the docstring of `f` in `a.py` to `T`
docstring for f in a.py: "T"
f docstring "T" in a.py
hey, could you document the function f as "T" in a.py? thanks
in the file a.py, set f's docstring to "T" please
i want f in a.py to have the docstring "T"
make "T" the docstring of f in a.py
add a doc string to function f in a.py with the text "T"
let the docstring of f in a.py be "T"
add documentation "T" to f in a.py
f needs the docstring "T" in a.py
add the docstring “T” to f of a.py
set docstring "T" on f in a.py
''')
def test_a_docstring_is_given(request_: str) -> None:
    assert change(request_) == SOURCE.replace(HEADER, f'{HEADER}    """T"""\n')


@wordings("""
in a.py change 7 to 8
in f in a.py change 7 to 8
in a.py, in f, replace 7 with 8
change the 7 in f to 8 in a.py
replace the number 7 by 8 in f of a.py
can you change 7 to 8 in f in a.py?
the 7 in f in a.py should be 8
7 should be 8 in f in a.py
replace 7 in f in a.py with 8
f in a.py should use 8 instead of 7
a.py: 7 -> 8 in f
swap 7 for 8 in f in a.py
turn 7 into 8 in f() in a.py
use 8 in f in a.py instead of 7
""")
def test_a_literal_is_replaced(request_: str) -> None:
    assert change(request_) == SOURCE.replace("7", "8")


@wordings("""
change TIMEOUT to 30 in a.py
set TIMEOUT = 30 in a.py
set TIMEOUT to 30 in a.py
make TIMEOUT 30 in a.py
TIMEOUT should be 30 in a.py
TIMEOUT in a.py should be 30
change the value of TIMEOUT to 30 in a.py
change the constant TIMEOUT in a.py to 30
change TIMEOUT from 10 to 30 in a.py
a.py: TIMEOUT = 30
""")
def test_a_variable_gets_another_value(request_: str) -> None:
    assert change(request_) == SOURCE.replace("TIMEOUT = 10", "TIMEOUT = 30")


@wordings("""
change the default value of limit in Cache.load to 20 in a.py
set the default of limit to 20 in load in a.py
limit should default to 20 in Cache.load in a.py
use 20 as the default for limit in load in a.py
""")
def test_a_default_is_changed(request_: str) -> None:
    assert change(request_) == SOURCE.replace("limit: int = 5", "limit: int = 20")


@pytest.mark.parametrize(
    ("request_", "old", "new"),
    [
        ('replace "a" with "b" in f in a.py', '"a"', '"b"'),
        ("in a.py set the timeout in f from 10 to 30", "timeout=10", "timeout=30"),
        ("set timeout in f to 30 in a.py", "timeout=10", "timeout=30"),
        ("change label in f to 'b' in a.py", '"a"', '"b"'),
    ],
)
def test_a_value_is_known_by_its_place(request_: str, old: str, new: str) -> None:
    assert change(request_) == SOURCE.replace(old, new)


@wordings("""
add a parameter verbose with default False to f in a.py
in a.py add parameter verbose=False to f
add a new parameter called verbose to f with default False in a.py
add a verbose parameter to f in a.py, default False
please add a keyword argument `verbose=False` to f in a.py
give f in a.py a parameter verbose with default value False
add the argument verbose (default False) to f in a.py
add argument verbose to f, defaulting to false in a.py
add a parameter verbose that defaults to False to f in a.py
make f in a.py take a parameter verbose with default False
can you add a param verbose=False to f in a.py?
f needs a parameter verbose with default False in a.py
in a.py f should accept an optional verbose argument with default False
add verbose=False as a parameter to f in a.py
add verbose=False to the parameters of f in a.py
extend f with a parameter verbose, default False in a.py
i want f in a.py to take a verbose parameter with default False
add to f a parameter verbose with default False in a.py
add a boolean flag verbose with default False to f in a.py
a.py: new parameter verbose=False for f
insert the parameter verbose = False into f in a.py
f must have a parameter verbose with a default of False in a.py
add a parameter verbose, default False, to f in a.py
add parameter verbose default False to f in a.py
add verbose parameter with False as default to f in a.py
could you give the function f in a.py an additional parameter verbose that is False by default
let f take a parameter verbose=False in a.py
add a `verbose` parameter to `f` in `a.py` with default `False`
introduce a parameter verbose with default False in f in a.py
add option verbose, False by default, to f in a.py
""")
def test_a_parameter_is_added(request_: str) -> None:
    assert change(request_) == SOURCE.replace("n=3)", "n=3, verbose=False)")


@pytest.mark.parametrize(
    ("request_", "added"),
    [
        ("add an optional argument key2 to f in a.py", "key2=None"),
        ('add a parameter mode with default "fast" to f in a.py', 'mode="fast"'),
        ("add parameter verbose: bool = False to f in a.py", "verbose: bool = False"),
        ("add a parameter called x2 to f in a.py", "*, x2"),
        ("f in a.py should take a limit parameter, default 10", "limit=10"),
    ],
)
def test_a_parameter_is_what_was_said(request_: str, added: str) -> None:
    assert change(request_) == SOURCE.replace("n=3)", f"n=3, {added})")


INDENTED = "".join(f"    {line}\n" for line in BODY.splitlines())


@pytest.mark.parametrize(
    ("handler", "requests"),
    [
        (
            "ValueError as error:\n        print(error)",
            """
wrap the body of f in try/except ValueError in a.py
in a.py catch ValueError in f and print the error
add a try/except for ValueError to f in a.py
enclose the body of f in a try block catching ValueError in a.py
""",
        ),
        (
            "KeyError:\n        return None",
            """
catch KeyError in f and return None in a.py
f in a.py should catch KeyError and return None
make f in a.py return None on KeyError
handle KeyError in f in a.py by returning None
wrap everything in f in try/except KeyError and return None in a.py
let f catch KeyError and return None in a.py
in a.py, in f, catch KeyError and return None
""",
        ),
        (
            "Exception as error:\n        print(error)",
            """
wrap f in a try except in a.py
put a try/except around the body of f in a.py
add try except to f in a.py
can you wrap f in a try/except block in a.py?
wrap the contents of f in a try/catch in a.py
""",
        ),
        ("(ValueError, KeyError):\n        raise", "catch (ValueError, KeyError) in f in a.py and re-raise"),
        ("KeyError:\n        pass", "ignore KeyError in f in a.py\nf in a.py should swallow KeyError"),
    ],
)
def test_errors_are_caught(handler: str, requests: str) -> None:
    for request in requests.strip().splitlines():
        assert change(request) == SOURCE.replace(BODY, f"    try:\n{INDENTED}    except {handler}"), request


def test_errors_are_logged_with_the_import() -> None:
    changed = change("catch any exception in f in a.py and log it")
    assert changed is not None
    assert changed.startswith("import os\nimport logging\n")
    assert '    except Exception:\n        logging.exception("f failed")\n' in changed


@pytest.mark.parametrize(
    ("guard", "requests"),
    [
        (
            "x is None:\n        return None",
            """
return None if x is None at the top of f in a.py
add a guard clause to f in a.py that returns None if x is None
make f return None when x is None in a.py
if x is None f should return None in a.py
at the top of f return None if x is None in a.py
at the start of f in a.py, if x is None return None
add an early return to f in a.py: return None if x is None
add if x is None return None to the top of f in a.py
in f in a.py, return None if x is None
a.py: f should return None if x is None
insert a guard in f in a.py: return None when x is None
add an early exit to f in a.py if x is None: return None
""",
        ),
        (
            "not items:\n        return []",
            """
add a guard to f in a.py: if items is empty return []
in a.py, f should return [] if items is empty
if items is empty, return [] in f in a.py
return an empty list if items is empty in f in a.py
f needs to return [] when items is empty in a.py
in a.py add a guard to f that returns [] when there are no items
""",
        ),
        (
            'n < 0:\n        raise ValueError("n must not be negative")',
            """
f in a.py should raise ValueError when n is negative
add a guard to f that raises ValueError if n is negative in a.py
raise ValueError in f in a.py if n is negative
add a check to f in a.py: raise ValueError if n is negative
f should throw a ValueError when n is negative in a.py
raise an error if n is negative in f in a.py
""",
        ),
        (
            'n < 1:\n        raise ValueError("n must be at least 1")',
            """
make f in a.py raise a ValueError if n < 1
f must raise ValueError if n is less than 1 in a.py
guard f in a.py: if n < 1 raise ValueError
""",
        ),
        (
            'n < 0:\n        raise ValueError("bad n")',
            """
raise ValueError("bad n") if n < 0 in f in a.py
raise a ValueError with the message "bad n" if n is negative in f in a.py
f should raise ValueError saying "bad n" if n is below 0 in a.py
""",
        ),
    ],
)
def test_a_guard_is_put_first(guard: str, requests: str) -> None:
    for request in requests.strip().splitlines():
        assert change(request) == SOURCE.replace(HEADER, f"{HEADER}    if {guard}\n"), request


@wordings("""
rename f to g in a.py
call f g instead in a.py
change the name of f to g in a.py
f should be called g in a.py
in a.py, rename f to g
in a.py rename the function f to g
a.py: rename f to g
please rename f() to g() in a.py
rename f in a.py to g
can you rename f to g in a.py?
f in a.py should be named g
f should be renamed to g in a.py
change f's name to g in a.py
rename function f -> g in a.py
give f the name g in a.py
give f a new name: g in a.py
name f g instead in a.py
the name of f should be g in a.py
use g as the name of f in a.py
use g as the new name for f in a.py
let f be called g in a.py
could f be renamed to g in a.py
i want f to be called g in a.py
i'd prefer f to be named g in a.py
rename `f` as `g` in `a.py`
rename f into g in a.py
rename f g in a.py
change function name f to g in a.py
rename a.py's f to g
rename f of a.py to g please
hi, rename f to g in a.py thanks!
in the file a.py, call f g from now on
make f be called g in a.py
function f in a.py should be called g instead
the function f in a.py must be called g
rename f to be g in a.py
f is a bad name, call it g in a.py
""")
def test_a_definition_is_renamed(request_: str) -> None:
    assert change(request_) == SOURCE.replace("def f(", "def g(")


@wordings("""
add a docstring to f in a.py
add "T" to the docstring of f in a.py
add the docstring "T" to a.py
replace "A" with "B" in the docstring of f in a.py
add the docstring "T" to f and g2 in a.py
add the docstring "T" to f in a.py and rename it to g
change 10 to 20 in a.py
change 10 to 20 in f in a.py and update the callers
change 7 to 8 in f and 3 to 4 in a.py
change all 7 to 8 in f in a.py
change 10 to 20 in f if x is set in a.py
change 99 to 100 in f in a.py
increase TIMEOUT by 10 in a.py
change f to g in a.py and 7 to 8
change f to return 5 in a.py
change the type of n to float in a.py
make f faster in a.py
f should return 5 in a.py
add a parameter verbose to f in a.py and print x if it is set
add a parameter verbose with default False to f and g2 in a.py
add a parameter to f in a.py
add two parameters a and b to f in a.py
add a parameter for the timeout to f in a.py
add error handling to f in a.py
wrap f in a decorator in a.py
wrap the call to g2 in f in try/except in a.py
catch KeyError in f and retry in a.py
catch KeyError in f and return None and log it in a.py
catch FooError in f in a.py
return None if the key is missing in f in a.py
f should return None if y is None in a.py
f should return None if x is None else x in a.py
f should return None if x is None and log it in a.py
f should raise ValueError when n is not a number in a.py
f should return early if x is None and otherwise print x in a.py
should I rename f to g in a.py?
don't rename f to g in a.py
f should be called twice in a.py
make f call g instead in a.py
call g instead of f in a.py
rename f to g in a.py and b.py
rename f to g and Cache to Store in a.py
why does f return None if x is None in a.py
explain f in a.py
what is the default of n in f in a.py
use a dict instead of a list in f in a.py
f should be called when x is None in a.py
return None if x is None and items is empty and delete os in a.py
replace x with 5 in f in a.py
return the sum if n is 0 in f in a.py
set the docstring of f to "T" and return 5 in a.py
print the error if n is negative in f in a.py
f should return result if x is None in a.py
rename f to g everywhere in a.py
add the docstring "T" to every function in a.py
add type hints to f in a.py
use logging instead of print in f in a.py
rename f in a.py to g and use it in b.py
add a parameter verbose after x to f with default False in a.py
make the parameter n optional in f in a.py
handle None in f in a.py
handle errors in f in a.py
f should be named better in a.py
f should be named snake_case in a.py
add argument parsing to f in a.py
add an argument parser to f in a.py
add parameter hints to f in a.py
add input validation to f in a.py
add keyword arguments to f in a.py
f should accept an optional list argument in a.py
add a type parameter to f in a.py
return 0 if items is list in f in a.py
return 0 if n is not 1 in f in a.py
return f if n is zero in a.py
return label if n is zero in f in a.py
change TIMEOUT to 30 seconds in a.py
set TIMEOUT to TIMEOUT + 1 in a.py
replace TIMEOUT with 20 in a.py
f can raise ValueError if n is negative in a.py
f should never return None if x is None in a.py
add a parameter verbose (maybe) to f in a.py
change line 10 to 20 in a.py
change 'TIMEOUT' to 'WAIT' in a.py
""")
def test_whatever_asks_for_more_or_less_is_left_to_a_model(request_: str) -> None:
    assert change(request_) is None


TWO = "def a(x):\n    return 1\n\n\ndef b(y):\n    return 2\n"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ('document it with "T"', 'def b(y):\n    """T"""\n'),
        ("return 0 if y is None", "def b(y):\n    if y is None:\n        return 0\n"),
        ("add a parameter v=1 to this function", "def b(y, v=1):\n"),
        ("wrap the body in try/except KeyError and return None", "def b(y):\n    try:\n        return 2\n"),
        ("change 2 to 3 in it", "def b(y):\n    return 3\n"),
        ("it should be called c", "def c(y):\n"),
    ],
)
def test_it_is_the_definition_that_was_spoken_of(request_: str, expected: str) -> None:
    assert expected in (change(request_, "a.py", "b", TWO) or "")
    assert change(request_, source=TWO) is None


def test_it_is_not_guessed_where_there_are_several() -> None:
    assert change('document it with "T"', "a.py", None, TWO) is None
    assert change("wrap it in try/except", "a.py", None, TWO) is None


def test_a_docstring_for_a_file_is_not_given_to_its_only_function() -> None:
    one = "def a(x):\n    return 1\n"
    assert change('add the docstring "T" in a.py', source=one) is None
    assert change('add the docstring "T" to a.py', source=one) is None


def test_a_file_that_is_broken_is_for_a_model() -> None:
    for request in ("wrap it in try/except", "change 1 to 2", "fix it", 'document f with "T"'):
        assert change(request, "a.py", None, "def f(:\n") is None


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(RefusedEditError, match="f has a parameter n already"):
        change("add a parameter n with default 1 to f in a.py")


@wordings("""
can you rename f in a.py to fetch?
change the name of f in a.py to fetch
I'd like the f function of a.py to be called fetch from now on
a.py rename f fetch
give a.py's f the new name fetch
hey so i never liked the name f in a.py, lets make it fetch
the function f (in a.py) needs a new name: fetch
a.py: def f becomes def fetch
swap the name f for fetch in a.py
in a.py use fetch as the name instead of f
my teacher says f is a bad name, can you make it fetch in a.py please
pls rename func f to fetch in a.py quickly
""")
def test_a_definition_is_renamed_in_the_words_of_strangers(request_: str) -> None:
    assert change(request_) == SOURCE.replace("def f(", "def fetch(")


@wordings("""
please add the docstring "Fetch it." to the function f in a.py
open a.py and add a docstring to f saying "Fetch it."
f in a.py should have the docstring "Fetch it."
docstring for f in a.py: Fetch it.
write a docstring for the f method in a.py: Fetch it.
a.py add docstring f: Fetch it.
document f in a.py as "Fetch it."
please to put docstring in the f of a.py: Fetch it.
set f's docstring to "Fetch it." (a.py)
let the docstring of f (in a.py) be "Fetch it."
"Fetch it." - add that as a docstring to f() in a.py pls
inside a.py put a docstring under def f: Fetch it.
""")
def test_a_docstring_is_given_in_the_words_of_strangers(request_: str) -> None:
    assert change(request_) == SOURCE.replace(HEADER, f'{HEADER}    """Fetch it."""\n')


@wordings("""
replace 7 with 8 in the function f of a.py
open a.py and swap 7 for 8 in f
the 7 in a.py's f should be 8
use 8 rather than 7 in f, a.py
bump 7 to 8 in the f function of a.py
turn 7 into 8 in f (in a.py)
update f in a.py: 7 becomes 8
let f from a.py use 8 in place of 7
hey i think 7 is wrong in f in a.py, it should be 8
It would be nice if f in a.py had 8 instead of 7.
f() in a.py needs 8 instead of 7
where f in a.py says 7 put 8
""")
def test_a_literal_is_replaced_in_the_words_of_strangers(request_: str) -> None:
    assert change(request_) == SOURCE.replace("7", "8")


@wordings("""
give f in a.py a new parameter verbose that defaults to False
f in a.py should take a verbose parameter, default False
make f accept verbose (default False) in a.py
i'd like a.py's f to have a parameter verbose whose default is False
extend f in a.py with a parameter verbose=False
f needs a new argument verbose with default False, over in a.py
insert a parameter verbose with default value False into f in a.py please
please to add in f of a.py one argument verbose what is False as default
new parameter for f in a.py: verbose=False
could f in a.py take verbose too? default False
add an argument named verbose to f (a.py), default False
add verbose=False to f's parameters in a.py
""")
def test_a_parameter_is_added_in_the_words_of_strangers(request_: str) -> None:
    assert change(request_) == SOURCE.replace("n=3)", "n=3, verbose=False)")


@wordings("""
can you surround the body of the function f in a.py with a try that catches KeyError? On error, return None
f in a.py should catch KeyError and return None
guard the body of f against KeyError in a.py; if it happens, return None
my program crash with KeyError in f, please make try except in a.py and return None
It would be nice if f in a.py would return None on a KeyError rather than crash.
when f from a.py raises KeyError, catch it and return None
handle KeyError in f of a.py: return None
surround everything in f with a try in a.py, except KeyError, then return None
give f in a.py a try/except KeyError and in the except return None
put f's body inside a try block in a.py and return None on KeyError
make f() catch KeyError in a.py, then return None
try/except KeyError in f in a.py pls and return None
""")
def test_errors_are_caught_in_the_words_of_strangers(request_: str) -> None:
    assert change(request_) == SOURCE.replace(
        BODY, f"    try:\n{INDENTED}    except KeyError:\n        return None"
    )


@wordings("""
f in a.py should return 0 when x is None
add a guard to f in a.py: if x is None return 0
can you make f() in a.py return 0 early when x is None?
open a.py and let f return 0 at once when x is None
f from a.py should bail out and return 0 if x is None
the f function of a.py should exit early and return 0 if x is None
short-circuit the f method in a.py to return 0 when x is None
over in a.py, have f leave with 0 as soon as it sees that x is None
guard against None x in f in a.py by returning 0
i'd like a.py's f to give back 0 right at the start if x is None
a.py f x None -> return 0
when x is None return 0, first thing in f of a.py
""")
def test_a_guard_is_put_first_in_the_words_of_strangers(request_: str) -> None:
    assert change(request_) == SOURCE.replace(HEADER, f"{HEADER}    if x is None:\n        return 0\n")

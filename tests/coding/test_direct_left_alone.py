"""Requests that no exact edit can answer: none of them may change a file."""

from __future__ import annotations

import pytest

from codey.coding.direct import direct_edits
from tests.coding.test_direct_definition import SOURCE

WORDS_AS_NAMES = """\
def get(name, value=None, file="x"):
    return open(file, "r", 8)


def add(a, b=2):
    return a + b + 7


class Test:
    def run(self, function, call=True):
        return function(5)
"""
REQUESTS = """
rename the variable x in f to y in a.py
rename the parameter n of f to count in a.py
rename the argument items in f to things in a.py
rename label to tag in f in a.py and f to h
rename f to a better name in a.py
rename f in a.py so that it is clearer
rename f to match the style guide in a.py
rename everything in f in a.py
rename f to g but keep the old name as an alias in a.py
rename f to g and add a docstring in a.py
rename f to g in a.py if nothing else uses it
rename f to g in a.py and fix the callers
do not rename f to g in a.py
why is f named f in a.py?
what would be a good name for f in a.py?
is f a good name in a.py?
has f been renamed to g in a.py?
what is f called in a.py?
call f from load in a.py
call f inside load in a.py
f should call load in a.py
make f call load instead of g2 in a.py
use load instead of f in a.py
f should be private in a.py
f should be async in a.py
make f static in a.py
make f public in a.py
make f a method in a.py
make f a generator in a.py
turn f into a class in a.py
turn f into a method of Cache in a.py
move f to b.py
move f into Cache in a.py
swap f and load in a.py
f in a.py is slow
f in a.py is broken
f should be faster in a.py
f should be simpler in a.py
replace f with a lambda in a.py
replace f by load in a.py
split f into two functions in a.py
name the return value of f in a.py
f should be called with x in a.py
f should be called before load in a.py
f should be called from load in a.py
document f in a.py
document f
document the parameters of f in a.py
write documentation for f in a.py
improve the docstring of f in a.py
add a docstring to f in a.py: explain what it does
add a docstring to f in a.py: describe the arguments and the result
give f in a.py a docstring: google style
translate the docstring of f in a.py to "German"
remove the docstring of f in a.py
remove the docstring "T" from f in a.py
add a docstring to f in a.py that mentions "T"
append "T" to the docstring of f in a.py
add a comment "T" above f in a.py
add the comment "T" to f in a.py and a docstring
print "T" in f in a.py
add a docstring "T" and a parameter v to f in a.py
what does the docstring of f in a.py say?
set the docstring of f to "T" only if it has none in a.py
change "T" to "U" in the docstring of f in a.py
the docstring of f in a.py should not be "T"
change the algorithm of f to quicksort in a.py
change f to use json instead of csv in a.py
make f return 3 instead of printing in a.py
make f return 8 instead of 7 times two in a.py
replace the loop in f by a comprehension in a.py
replace 7 with x in f in a.py
replace 7 by a constant in f in a.py
change 7 to a parameter in f in a.py
extract 7 in f into a constant in a.py
change 7 in f to be 8 times bigger in a.py
change 7 or 3 to 8 in f in a.py
change 7 to 8 or 9 in f in a.py
change 7 and 3 to 8 in f in a.py
change 7 to 8 in f only on windows in a.py
change 7 to 8 in every function in a.py
change 7 to 8 in f when debug is on in a.py
change the second 7 to 8 in f in a.py
change 7 to 8 in a comment in f in a.py
increase 7 by 8 in f in a.py
add 8 to 7 in f in a.py
double TIMEOUT in a.py
set TIMEOUT to the value of n in a.py
set TIMEOUT to 30 in a.py and retry twice
set TIMEOUT from the environment in a.py
TIMEOUT should not be 30 in a.py
is TIMEOUT 10 in a.py?
why is TIMEOUT 10 and not 30 in a.py?
multiply TIMEOUT by 2 in a.py
use TIMEOUT instead of 10 in f in a.py
move the 7 in f to line 8 in a.py
return 8 instead of 7 in f in a.py
f should return 8 and not 7 in a.py
call g2 with 8 instead of 7 in f in a.py and print it
retry 8 times instead of 7 in f in a.py
add a parameter check to f in a.py
add a parameter for verbosity to f in a.py
add a parameter to f in a.py with default 3
add parameters v and w to f in a.py
add a parameter v=1 and a parameter w=2 to f in a.py
add a parameter v=1 to f and load in a.py
add a parameter v=1 to f and pass it to g2 in a.py
add a parameter v=1 to f and use it instead of 7 in a.py
add a parameter v to f that controls the timeout in a.py
add a parameter v=1 to f and document it in a.py
remove the parameter n from f in a.py
make n a keyword argument of f in a.py
add a return value to f in a.py
add a type hint to f in a.py
add logging to f in a.py
add a cache to f in a.py
add a decorator to f in a.py
add a progress option to the command line in a.py
add tests for f in a.py
replace the parameter n of f by m in a.py
what parameters does f take in a.py?
pass v=1 to g2 in f in a.py
call g2 with v=1 in f in a.py
make the parameter v=1 first in f in a.py
add a required parameter v=1 to f in a.py
add a keyword-only parameter v=1 to f in a.py
add error handling to f in a.py
handle errors gracefully in f in a.py
handle the case that x is missing in f in a.py
wrap f in a class in a.py
wrap the loop in f in try/except in a.py
wrap only the call to retry in f in try/except ValueError in a.py
wrap the first line of f in try/except ValueError in a.py
wrap the return of f in try/except ValueError in a.py
wrap f and load in try/except ValueError in a.py
catch everything except ValueError in f in a.py
catch all errors but ValueError in f in a.py
catch ValueError in f in a.py and raise KeyError
catch ValueError in f in a.py and try again
catch ValueError in f in a.py and return x
catch ValueError in f in a.py and call load
catch ValueError in f in a.py and show a dialog
catch ValueError but not KeyError in f in a.py
catch ValueError in f in a.py, retry 3 times and return None
catch ValueError in f in a.py and return None, otherwise return 1
do not catch ValueError in f in a.py
remove the try/except from f in a.py
f should not catch ValueError in a.py
raise ValueError in f in a.py
f raises ValueError in a.py
why does f raise ValueError in a.py?
where does f catch ValueError in a.py?
add a finally to f in a.py
use a with statement in f in a.py
return None in f in a.py
f should return None in a.py
f should return None if the file is missing in a.py
f should return None if x and items are empty in a.py
f should return None if any item is None in a.py
f should return None unless x is None in a.py
f should return None if x is None or not a string in a.py
f should return None if x is None and 1 if n is zero in a.py
f should not return None if x is None in a.py
f should return None if len of items is zero in a.py
f should return None if x is None after retry in a.py
f should return None at the end if x is None in a.py
f returned None when x is None in a.py, why?
does f return None if x is None in a.py?
what if x is None in f in a.py?
what happens if x is None in f in a.py?
check if x is None in f in a.py
if x is None, set it to 3 in f in a.py
if x is None, print it and return None in f in a.py
use 3 if x is None in f in a.py
f should raise ValueError or return None if x is None in a.py
f and load should return None if x is None in a.py
f should return None if x is none of the items in a.py
skip x if it is None in f in a.py
replace None with 3 if x is None in f in a.py
f should return items if x is None in a.py else None
f should return None if x is greater than items in a.py
f should return None if x is not empty and n is 3 in a.py
remove the check that x is None in f in a.py
tell me when f returns None in a.py
call f from main in a.py
call f in main in a.py
f should be called by main in a.py
call main instead of f in a.py
use main instead of f in a.py
rename f using snake case in a.py
rename f in a.py to something shorter
rename f to whatever you like in a.py
give f in a.py a better name
find a better name for f in a.py
list the callers of f in a.py
show f in a.py
run f in a.py with 7 and 8
test f in a.py with x=7
compare f to load in a.py
make f like load in a.py
convert f to async in a.py
change f to load in a.py
change f to take a list in a.py
change f to accept strings in a.py
let f accept a list in a.py
let f take more arguments in a.py
f should take a path instead of a string in a.py
f needs a new name in a.py
f needs a docstring in a.py
f needs a try/except around the call in a.py
make f safe in a.py
guard f in a.py
guard f against bad input in a.py
protect f from None in a.py
protect f against wrong values in a.py
validate x in f in a.py
add a check for x to f in a.py
add an early return to f in a.py
return early in f in a.py
bail out of f if anything is wrong in a.py
return None early in f in a.py if x has no key
if x is None use items in f in a.py
if x is None return n in f, else return 3 in a.py
let f return None when x is None and True when n is zero in a.py
make f return None if x is None and add a test in a.py
set x to None in f in a.py if n is zero
change None to 3 in f in a.py if x is None
make items default to an empty list in f in a.py
make n required in f in a.py
change the order of x and items in f in a.py
sort the parameters of f in a.py
rename f to g in a.py but only the definition
copy f to g in a.py
make a copy of f called g in a.py
add a function called g to a.py that calls f
add a new function g next to f in a.py
create a class named Store in a.py like Cache
write a test for f named test_f in a.py
make an alias g for f in a.py
import f as g in a.py
assign f to g in a.py
let g be f in a.py
export f as g in a.py
g should be used instead of f in a.py
deprecate f in favour of g in a.py
add a wrapper named g around f in a.py
give f in a.py the decorator g
decorate f with g in a.py
add a method named g to Cache in a.py
add an attribute called size to Cache in a.py
put f after g in a.py
f should return g in a.py
add a variable named g to f in a.py
f takes g now in a.py
f should print "T" in a.py
f should log "T" in a.py
f should return "T" in a.py
add the line "T" to f in a.py
add the text "T" to f in a.py
add "T" to f in a.py
change label to "T" and document it in f in a.py
put the comment "T" into the docs of f in a.py
say "T" in f in a.py
use "b" as the name of label in f in a.py
add default 3 to x in f in a.py
x should default to 3 in f in a.py
give x in f the default 3 in a.py
give f 3 parameters in a.py
add 3 parameters to f in a.py
add an argument to the call of g2 in f in a.py
set n=5 in the call of f in a.py
use f with n=5 in a.py
f is called with n=5 in a.py
add n=5 to the call of f in load in a.py
add timeout=5 to f in a.py
add x2=5 to the docs of f in a.py
pass timeout=5 to retry in f in a.py
f should not fail with KeyError but return x in a.py
f fails with KeyError in a.py
f fails if x is None in a.py
f crashes on KeyError in a.py, find out why
f does not handle KeyError in a.py
make f fail with KeyError in a.py
f should raise KeyError instead of returning None in a.py
f should raise KeyError and not return None in a.py
f should return None instead of catching KeyError in a.py
f should not return None on KeyError in a.py
log KeyError in g2 in a.py
f in a.py should catch KeyError in retry and return None
catch KeyError around retry in f in a.py
catch KeyError in f in a.py and use 3 instead
catch KeyError in f in a.py and exit
catch KeyError in f in a.py and print x
catch KeyError in f in a.py and print the traceback
catch KeyError in f in a.py and log it to a file
catch KeyError in f in a.py with contextlib
catch KeyError in f in a.py and return None, finally close it
if f fails in a.py, return None
f should return None if it fails in a.py and True if not
f handles x being None in a.py
f should handle None in a.py
f should support x being None in a.py
f should support lists in a.py
f should support timeout in a.py
f should support a timeout in a.py
f should provide a default in a.py
f should provide an option to skip x in a.py
let me pass a list to f in a.py
allow x to be None in f in a.py
allow None for x in f in a.py
with x None return 3 in f and 4 in load in a.py
if x is None do nothing in f in a.py
f should do nothing if x is None and return x if n is zero in a.py
f should return 0 if x is None or zero division occurs in a.py
f should return 0 if x is None, items is empty and n is zero in a.py
f should return 0 if x is None and n is zero in a.py or else 1
if x is not None f should return 0, otherwise 1 in a.py
return 0 from f in a.py if x is None else call g2
return 0 instead of None in f in a.py if x is None
change the return of f in a.py to 0 if x is None
f in a.py should return 0 if x is None instead of raising ValueError
f in a.py returns 0 if x is None, change that to 1
f in a.py should return 7 instead of 8 if x is None
f should return 1 if x is None, not 0 in a.py
the guard in f in a.py that returns 0 if x is None is wrong
remove return 0 if x is None from f in a.py
move the check if x is None return 0 to the top of f in a.py
the name of f in a.py is bad
the name f is good in a.py
f has a bad name in a.py
rename f in a.py, the current name is misleading
rename f to g, h or i in a.py
rename f from a.py to b.py
rename f to g in the docs of a.py
f is named after its author in a.py
rename f and its parameters in a.py
f gets the name from x in a.py
use the name of f as label in a.py
print the name of f in a.py
change the name of x in f to y in a.py
change the name of label to tag in f in a.py
set label to the name of f in a.py
set name to "f" in a.py
f is missing in a.py
f is missing a docstring in a.py
f is missing an argument in a.py
the docstring of f contains "T" in a.py
does the docstring of f contain "T" in a.py?
the docstring of f should contain "T" in a.py
make the docstring of f contain "T" in a.py
include "T" in the docstring of f in a.py
write "T" into the docs of f and load in a.py
7 in f is right in a.py
7 in f in a.py is wrong
7 is used in f in a.py, 8 in load
f uses 7 and load uses 8 in a.py
f should use 7 or 8 in a.py
f uses 8 where 7 is documented in a.py
set 7 and 8 in f in a.py
f has 7 not 8 in a.py?
change 8 to 7 if it is 7 in f in a.py
the default of n in f is 3 not 4 in a.py, why
use 3 as default in f in a.py
set n to 5 in every call of f in a.py
in f set n = n + 1 in a.py
f(7) should be 8 in a.py
f(7, 8) should return 15 in a.py
f() should be 8 in a.py
assert f(7) == 8 in a.py
f(x=7) in a.py
f in a.py gets 7 and gives 8
add verbose to f in a.py
add 8 as a new argument to f in a.py
add a docstring to f in a.py: needs to describe x
add a docstring to f in a.py: Fetch it. Also rename it to g
add a docstring to f in a.py: mention that x may be None
add a docstring to f in a.py: in numpy style
rename f to g, but not in the tests
rename f in a.py so it fits better
rename f in a.py, use a verb
rename f in a.py to a verb
rename f in a.py to something with fetch
rename f in a.py please, it is too short
could f in a.py be faster instead?
f in a.py should be thread_safe
make f in a.py read items from json
the name of f in a.py should say what it does
f should be named like load in a.py
the name f should stay in a.py
keep the name f in a.py
what about the name g for f in a.py, good or bad
use g2 instead of retry in f in a.py
use requests instead of g2 in f in a.py
switch f from retry to backoff in a.py
change f so it uses backoff in a.py
please make f in a.py use pathlib
f in a.py needs help, call Bob
let f in a.py work with lists
change f in a.py to be a coroutine
f in a.py has to be rewritten
f has to be deleted in a.py
f should be gone in a.py
f should be documented in a.py
f in a.py needs to be generic
fix f in a.py
fix the typo in f in a.py
f in a.py is named badly
f in a.py is wrongly named
rename f in a.py properly
can f in a.py be renamed?
f in a.py no longer works with 7
f in a.py does not work with 7, it does with 8
f in a.py works with 7 but not with 8
f in a.py needs 7 and gets 8
f must not use 7 or 8 in a.py
f in a.py uses 7, I think 8 is not better
f in a.py gives 8 for 7
f in a.py returned 8 where 7 is expected
f in a.py should get 8 as x instead of 7
call f in a.py with 8, not 7
7 plus 8 is wrong in f in a.py
show 7 as 8 in f in a.py
change 7 to 8 in f in a.py and 10 to 11
change 7 in f in a.py, 8 times
wait 8 seconds in f in a.py, not 7 minutes
the result of f in a.py should be 8 where 7 is passed
f in a.py should use at most 8, now 7
f in a.py should not go over 8, set 7
f needs another 8 next to the 7 in a.py
put 8 before 7 in f in a.py
put 8 after the 7 in f in a.py
put 8 next to 7 in f in a.py
insert 8 between 7 and label in f in a.py
use 8 for x and 7 for n in f in a.py
make x 8 where 7 is used in f in a.py
f should take a timeout in a.py
f in a.py should have fewer arguments
f in a.py wants another argument, ask me which
f in a.py needs more arguments
add something to f in a.py
add a good default to f in a.py
add a default of 5 to x in f in a.py
f should accept 5 in a.py
give f in a.py the option to fail
give f an optional progress in a.py, default off
add an argument to f in a.py that says whether to retry
let f in a.py take size instead of n, default 3
replace the argument n of f in a.py with size=3
rename the argument n of f in a.py to size, default 3
make f in a.py accept size=3 as well as color=4
add size=3 to f in a.py as an attribute
add a local variable size=3 to f in a.py
f fails with OSError in a.py, fix it
f fails on OSError in a.py
f in a.py raises OSError, help
f in a.py should fail with OSError
f should let OSError through in a.py
f in a.py swallows OSError, stop that
f in a.py should not swallow OSError
f in a.py handles OSError badly
f in a.py catches OSError but should not
do not handle OSError in f in a.py
catch OSError in f in a.py and sleep
catch OSError in f in a.py and return label
catch OSError in f in a.py and return it
catch OSError in f in a.py but only around retry
catch OSError in f in a.py and return None twice
catch OSError in f in a.py and call g2
catch OSError in f in a.py, wait 5 seconds and return None
catch OSError in f in a.py and raise it as ValueError
catch OSError from retry in f in a.py
put retry in f in a.py in a try/except OSError
put the last line of f in a.py in a try/except OSError
where in f in a.py does it say return None if x is None
f already returns None if x is None in a.py
f returns None if x is None in a.py but should not
f in a.py breaks if x is None
f in a.py stops when x is None
f should stop returning 0 when x is None in a.py
f should no longer return 0 if x is None in a.py
f should never return 0 if x is None in a.py
f returns 0 if x is None, fix that in a.py
f returns 0 if x is None and that is wrong in a.py
why not return 0 if x is None in f in a.py
do not return 0 if x is None in f in a.py
f should return 0 if x is None, but log it in a.py
f should return 0 if x is None and items are given in a.py
f should return 0 if x is None the second time in a.py
f should return 0 if x is None for the last call in a.py
f should return x if x is None or 0 in a.py
f should return label early if x is None, 0 in a.py
f should call g2 with 0 if x is None in a.py
f should set n to 0 if x is None in a.py
f should use 0 if x is None in a.py
set n to 0 at the top of f if x is None in a.py
f should start with 0 if x is None in a.py
f should go on with 0 if x is None in a.py
f should give retry 0 if x is None in a.py
f should wait 0 seconds if x is None and return in a.py
put 0 into items first if x is None in f in a.py
take the first of items if x is None in f in a.py, else 0
check first if x is None, use 0 then in f in a.py
use 0 first if x is None in f in a.py
add 0 to the top of items if x is None in f in a.py
give x the value 0 at the top of f in a.py if it is None
x should be 0 right at the top of f in a.py if x is None
make x 0 early in f in a.py if x is None
document f in a.py: "T" is the label, 7 the count
the docstring of f in a.py is "T", make it better
the docstring of f in a.py says "T", which is wrong
f in a.py says "T" in its docstring, why
f has the docstring "T" in a.py, fix the spelling
put "T" above f in a.py, docs below
put "T" in the first line of the docstring of f in a.py
the docstring of f in a.py should begin with "T"
the docstring of f in a.py should start with "T"
the docstring of f in a.py needs "T" added
add a line "T" to the docstring of f in a.py
make "T" part of the docstring of f in a.py
correct "T" in the docstring of f in a.py
let f in a.py give "T" as help
add help "T" to f in a.py
rename f to g, but keep the old one in a.py
rename f to g and move it to b
rename f to g and keep f as well in a.py
rename f to g and make it async in a.py
rename f to g unless it is exported in a.py
rename f and load to g in a.py
rename f to g or h in a.py
do you think g is a better name for f in a.py?
do you prefer g or f as the name in a.py
f is a better name than g in a.py
f in a.py was named g before
f was called g in a.py, keep f
name a variable after f in a.py
use a better name than f in a.py
f in a.py should be called less often
f in a.py must be called first
f in a.py should be called lazily
f in a.py should be called once
the name f in a.py does not fit
give f in a.py a name that fits
give f in a.py a proper name
make the name of f in a.py shorter
make the name of f in a.py start with get
add get to the name of f in a.py
f should be called by nobody in a.py
change 7 to 8 in f in a.py and document it
change 7 to 8 in f in a.py and rename f to g
change 7 to 8 in f in a.py and load
change 7 in f in a.py to something better
change 7 in f in a.py
change 7 to 8 in f in a.py if that is better
change 7 to 8 in f in a.py, or to 9
change the 7 in f in a.py to be configurable
7 in f in a.py should come from the settings, 8 is fine
try 8 instead of 7 in f in a.py and tell me what happens
what happens with 8 instead of 7 in f in a.py
is 8 better than 7 in f in a.py?
I think 7 in f in a.py is better than 8
I think 7 in f in a.py is right, 8 is wrong
7 in f in a.py is fine, not 8
keep 7 in f in a.py, not 8
keep the 7 in f in a.py, 8 is wrong
do not change 7 to 8 in f in a.py
never change 7 to 8 in f in a.py
there should be 8 calls with 7 in f in a.py
f in a.py needs to be called with 8, not 7
f in a.py gets 8 instead of 7, why
f in a.py got 8 instead of 7
f in a.py gives 8 instead of 7
f in a.py gives 8 instead of 7, fix it
f in a.py should give 8 instead of 7
add a parameter to f in a.py like in load
add a parameter to f in a.py that makes sense
add the missing parameter to f in a.py
add the usual parameters to f in a.py
add a parameter with a good default to f in a.py
add a parameter for the current label to f in a.py, default 3
add a parameter so f in a.py can stop, default False
give f in a.py a parameter, default None
f should take label as a parameter in a.py
turn label into a parameter of f in a.py
make 7 a parameter of f in a.py
make 7 a parameter of f in a.py called size
make size a parameter of f in a.py instead of 7
add a parameter size to f in a.py and drop n, default 3
f gets size as a keyword in a.py, what is the default
f in a.py should handle errors
f in a.py should handle errors better
f in a.py crashes
f in a.py crashes with OSError
f in a.py keeps crashing with OSError, please fix it
make f in a.py robust
f in a.py must not crash
f must not crash with OSError in a.py if x is None
let OSError through in f in a.py
stop catching OSError in f in a.py
f in a.py should not catch OSError and return None
f in a.py should ignore x
ignore OSError in the call of g2 in f in a.py
on OSError f in a.py should return None and on KeyError 0
on OSError f in a.py should use 0
on OSError f in a.py should set label to None
handle OSError in f in a.py by calling load
handle OSError in f in a.py by going on with 0
f in a.py returns None on OSError
f in a.py returns None on OSError, which is wrong
f in a.py returns 0 when x is None, which is wrong
f in a.py gives 0 when x is None
f in a.py gives an error when x is None
f in a.py should give an error when x is None, not return 0
f in a.py should give back 0 when x is None but not when it is empty
f in a.py should work when x is None
f in a.py should keep returning 0 when x is None
f in a.py should return 0 until x is None
f in a.py should return 0 when x is None or when items is None
f in a.py should return 0 when x is None like load
f in a.py should return 0 when x is None and 1 when it is not
f in a.py should only return 0 when x is None
f in a.py should return 0 when x is None at the end
f in a.py should return 0 when x is None in load
f in a.py should return 0 when x is None while retry runs
what should f in a.py return when x is None, 0
should f in a.py return 0 when x is None?
does f in a.py handle x being None by returning 0
the check in f in a.py for x being None returns 0, remove it
the check in f in a.py for x being None should return 0
the docstring of f in a.py: is "T" right
is "T" a good docstring for f in a.py?
what do you think of the docstring "T" for f in a.py
"T" is the docstring of f in a.py
"T" is no good docstring for f in a.py
f has no docstring "T" in a.py
f should have no docstring in a.py, not "T"
keep the docstring "T" of f in a.py
do not use the docstring "T" for f in a.py
find docs for "T" in f in a.py
move the docstring "T" into f in a.py
"""
REQUESTS_WITH_WORDS_AS_NAMES = """
add a docstring "T" in a.py
get the docstring of add in a.py
add get to Test in a.py
get add to return 5 in a.py
add "T" in a.py
add 7 to get in a.py
add default 3 to value in get in a.py
add call=False to run in Test in a.py
run add with a=5 in a.py
test add with b=3 in a.py
call run with call=False in a.py
get value from file in a.py
add value to name in get in a.py
name value default in get in a.py
rename value to default2 in get in a.py
return a if b is zero in add in a.py
lower the value of b by 1 in add in a.py
"""


@pytest.mark.parametrize("request_", REQUESTS.strip().splitlines())
def test_what_asks_for_something_else_changes_nothing(request_: str) -> None:
    assert direct_edits(request_, {"a.py": SOURCE.encode()}.get) == []


@pytest.mark.parametrize("request_", REQUESTS_WITH_WORDS_AS_NAMES.strip().splitlines())
def test_a_definition_whose_name_is_a_word_is_not_taken_for_the_one_that_is_meant(request_: str) -> None:
    assert direct_edits(request_, {"a.py": WORDS_AS_NAMES.encode()}.get) == []


ONE = "def f(n):\n    return n\n"


@pytest.mark.parametrize(
    "request_",
    [
        "add a function to a.py that returns 0 if n is negative",
        "write a function in a.py that returns 0 if n is negative",
        "add a method to a.py, return 0 if n is zero",
        "a function returning 0 if n is negative in a.py",
        "add another function in a.py which returns 1 if n is 0",
        "new function in a.py: return 0 if n is negative",
        "make a helper in a.py that raises ValueError if n is negative",
        "add a function with a parameter k=3 to a.py",
    ],
)
def test_a_new_function_is_not_the_only_one_that_is_there(request_: str) -> None:
    assert direct_edits(request_, {"a.py": ONE.encode()}.get) == []


@pytest.mark.parametrize(
    "request_",
    [
        "in a.py return 0 if n is negative",
        "return 0 when n < 0 in a.py",
        "a.py: if n is negative return 0",
    ],
)
def test_a_guard_without_a_name_is_for_the_only_function_that_is_there(request_: str) -> None:
    (edit,) = direct_edits(request_, {"a.py": ONE.encode()}.get)
    assert edit.text == "def f(n):\n    if n < 0:\n        return 0\n    return n\n"  # type: ignore[union-attr]


def test_a_name_that_is_a_word_is_understood_where_a_name_has_to_stand() -> None:
    (edit,) = direct_edits("add a parameter size=3 to get in a.py", {"a.py": WORDS_AS_NAMES.encode()}.get)
    assert 'def get(name, value=None, file="x", size=3):' in edit.text  # type: ignore[union-attr]

"""The words that hang no demand of their own on a request, shared by every kind of edit.

What announces something else or more is in none of these lists: all, every, also, only, unless, loop, test.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, as a vocabulary."""
    return frozenset(text.split())


PRONOUNS = words("it this that its")
NOUNS = words("function func fn method class def definition coroutine routine procedure helper one")
NOISE = words(
    """hm seems seem seemed sounds sound handy useful helpful important necessary essential crucial
    sensible reasonable appropriate adequate meaningful descriptive accurate precise expressive cryptic
    ambiguous inaccurate incorrect inconsistent obsolete legacy bogus ridiculous lame meh intended intend
    intends plan planned plans planning meant bothers bugs annoys confuses confused irritating henceforth
    hereafter onwards onward forward altogether merely purely truly gladly nicely neatly correctly
    properly urgently urgent immediately asap bro man pal listen whoever wrote everyone reckons tells tell
    pleased delighted thankful hate suits doubt afraid nope worth please pls plz plse kindly thanks thank
    thx ty cheers hey hi hello hiya yo ok okay alright lol haha hmm um uh er erm oh ah ooh btw fyi folks
    guys buddy mate dear friend codey quick quickly simply just really actually basically literally
    honestly probably somehow kinda sorta obviously apparently clearly frankly sadly unfortunately luckily
    hopefully ideally preferably definitely certainly surely anyway anyways though although however
    currently presently today tonight yesterday recently lately later yet still finally eventually
    sometimes often usually occasionally constantly meanwhile nowadays i u we us me my ours your yours you
    he she his her him hers they their theirs folk people im ive myself ourselves think thinks thought
    guess believe believes suppose reckon figure feel feels felt wonder wondering know knows knew mind
    minds hope hopes hoping agreed agree agrees decided decide decides insists insist suggested suggests
    asked asks told demanded demands complains complained complain mentioned noticed realised realized
    remembered forgot forgotten forget forgetting typed teacher professor prof tutor lecturer boss lead
    manager colleague coworker reviewer reviewers review team client customer customers user users linter
    homework assignment exercise ticket issue spec guideline guidelines convention conventions consistency
    clarity readability sake nice great lovely cool fine happy glad grateful awesome perfect sense sure
    indeed alas easy possible able glance favour favor quite so super pretty totally completely anymore
    moment minute little bit tiny small simple kind enough because since cause cuz therefore hence thus
    accordingly yeah yes yep nah sorry excuse help appreciated appreciate much lot lots weird odd strange
    annoying ugly silly stupid confusing unclear vague misleading awkward terrible horrible awful poor
    hated dislike dislikes liked loved quickfix mistake accident mistakenly accidentally wrongly
    incorrectly decision matter job thing things stuff task request todo wanna gonna gotta lemme gimme ya
    ye dude team's everybody's way"""
)
FILLERS = NOUNS | words(
    """seen off defined define defines assign assigned enhance become becomes becoming moved migrate
    migrated moving overwrite overwritten override rid shift transform apply applied arrange perform carry
    ensures guarantee assure treat enable enables permit permits allow allows allowing bring brings redo
    redone exchange substitute convert version spot area section piece form shape towards toward until
    till during shown appears remain a an the it its this that these those here there in inside within
    into onto of for on at from to by as with over under out up around our file module script python py
    program code source is be are am was were been being has have had having should must shall would could
    can may might will ought need needs needed want wants wanted like likes love prefer prefers wish
    wishes expect expects require requires get gets got getting make makes making made let lets letting
    give gives giving given go goes going gone put puts putting place places placing take takes taking
    open opens opening look looks looking edit edits editing find finds finding see sees seeing use uses
    using used set sets setting turn turns turning change changes changing changed update updates updating
    updated modify modifies modifying modified alter alters altering adjust adjusts adjusting adapt amend
    fix fixes fixing fixed correct corrects correcting revise tweak tweaking switch swap replace ensure
    supposed and so then too but now same new proper suitable right wrong bad good better instead rather
    which whose who where what how said say says do does did doing done them called named such via per
    about between whole existing present located lives living sitting next another following follows keeps
    inner me directly begin start starts starting namely exactly i.e. - own come comes came works work
    working serve serves begins state stated states help soon theres somebody's nobody somebody someone
    current ahead misspelled mistyped misspelt typo reader reader's spelling thinking mixing mixed mix
    easier clearer simpler shorter nicer ends end low high small big short long large"""
)
ADDING = words(
    """add adds adding added insert inserts inserting inserted introduce introduces introducing include
    includes including create creates supply supplies provide provides providing equip equips attach
    attaches stick slap drop write writes writing extend extends extending expand expands expanding
    supplement augment fit embed enclose plus offer offers lay contribute line lines deserves deserve
    belongs belong missing lacks lack carry carries receive receives sit sits"""
)
TROUBLE = words(
    """kill kills killed killing breaks break breaking crash crashes crashing crashed fail fails failing
    failed die dies dying died blow blows blowing blew explode explodes exploding choke chokes choking
    bomb bombs chuck chucks misbehaves stumble stumbles trip trips panics hits hit runs run falls trouble
    problem problems goes happens happening occurs arises appears comes"""
)

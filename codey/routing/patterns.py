"""What a search looks for: the span of a sentence that is the pattern."""

from __future__ import annotations

import re

from codey.routing.paths import is_file_name, wordset
from codey.routing.spans import quoted, without_courtesy

CODE_WORD = re.compile(
    r"^(?:[A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+(?:\(\)?)?|\w*_\w[\w]*(?:\(\)?)?|"
    r"[a-z]+[A-Z]\w*(?:\(\)?)?"
    r"|[A-Z][a-z0-9]+[A-Z]\w*(?:\(\)?)?|[A-Z][A-Z0-9_]{2,}|\w+(?:\(\)?|!)|@\w+|#\w+|\$\w+|/?[\w]+/[\w/]+)$"
)
_KIND = (
    r"(?:the\s+|an?\s+|all\s+|any\s+|every\s+|each\s+|some\s+|our\s+|my\s+|leftover\s+)*"
    r"(?:(?:(?:code\s+)?(?:definition|definitions|use|uses|usage|usages|occurrence|occurrences|occurences|"
    r"reference|"
    r"references|call|calls|import|imports|place|places|mention|mentions|instance|instances|line|lines)\s+"
    r"(?:of|to|with|containing|where we (?:call|use|set)|that (?:use|uses|call|calls|contain|contains)))|"
    r"(?:word|words|string|text|phrase|term|function|functions|method|class|variable|constant|symbol|"
    r"pattern|regex|"
    r"handler for|name|type|struct|interface|enum|package|module|library)(?:s)?(?:\s+(?:named|called))?)?\s*"
)
_CUES = (
    rf"\b(?:is|are|does|do)\s+{_KIND}(\S+)\s+(?:still\s+|ever\s+)?(?:used|imported|called|defined|"
    rf"referenced|set|"
    r"appear|occur|mentioned)\b",
    r"\bwh(?:at|ich)\s+line\s+is\s+(\S+)",
    r"\b(?:do|did)\s+(?:we|i|you|they)\s+(?:still\s+|ever\s+)?(?:set|define|read|write|create|open|sort|"
    r"run|call|use|"
    r"import|put)\s+(?:the\s+)?(\S+)",
    rf"\b(?:suche nach|busca|cherche|look up|jump to|track down|hunt down)\s+{_KIND}(.+)$",
    rf"\b(?:definition|definitions|references?|usages?|uses|occurrences|callers|mentions|imports|"
    rf"calls)\s+(?:of|"
    rf"to)\s+{_KIND}(\S+)",
    r"^(?:the\s+)?(\S+)\s+(?:usages?|definition|references|occurrences|callers)\W*$",
    r"\bevery\s+(?:call|use|usage|mention)\s+of\s+(\S+)",
    r"^(\S+)\s+where\W*$",
    r"\bplaces?\s+where\s+(?:we\s+(?:call|use|set)\s+)?(.+)$",
    r"\b(?:where|if|whether)\s+(\S+)\s+(?:is|are|gets)\s+(?:still\s+)?(?:used|defined|called|set)\b",
    r"\blost\s+(?:the\s+)?(?:function|class|method|file|variable)?\s*(\S+)",
    r"\b(?:lines|files|functions|places|everything|code)\s+(?:with|that\s+(?:use|call|contain|"
    r"mention)s?)\s+(?:the\s+)?(.+)$",
    r"\btests?\s+(?:for|covers?)\s+(?:the\s+)?(\S+)",
    rf"\b(?:search|serach|seach|look|hunt|grep|scan|looking|"
    rf"check)\b(?:\s+(?:\S+\s+){{0,5}}?)for\s+{_KIND}(.+)$",
    rf"\b(?:uses?|using|used|calls?|calling|imports?|importing|contains?|containing|mentions?|mentioning|"
    rf"defines?|has|"
    rf"references?|referencing|named|called)\s+{_KIND}([\w.$@#:()/!-]+)",
    rf"\b(?:where|wher|were)(?:'s|\s+is|\s+are|\s+does|\s+do|\s+did)?\s+{_KIND}(.+?)\s+"
    r"(?:defined|used|called|set|declared|implemented|imported|created|located|written|come from|"
    r"comes from|appear)\b",
    rf"\b(?:find|grep|rg|search|serach|seach|locate|lookup|look up|where is|where's|where are|wher is|"
    rf"occurrences of|"
    rf"usages of|references to|uses of|is there (?:an?|any)|who calls|who uses|what uses|what calls|any|is|"
    rf"how often do we use|"
    rf"how many times is|who'?s using)\s+{_KIND}(.+)$",
)
_TAIL = re.compile(
    r"\s+(?:(?:in|inside|within|under|across|from|through|throughout)\s+(?:the\s+|my\s+|our\s+|all\s+|"
    r"any\s+|every\s+|"
    r"this\s+)*(?:code|codebase|project|repo|repository|source|sources|src|files?|folder|directory|"
    r"whole \w+|\S+)"
    r"(?:\s+(?:folder|directory|files?|code))?|(?:is|are|gets)\s+(?:still\s+)?(?:defined|used|called|set|"
    r"imported|declared|located)|imports|anywhere|everywhere|somewhere|still used|used|left|at all|"
    r"in here|here|"
    r"comments?|statements?|function|class|method|handler|defined|called|again)\s*[?.!]*$",
    re.IGNORECASE,
)


_NO_PATTERNS = wordset(
    "a all an any anything code everything it me something that the them there this we what"
)


def search_pattern(text: str, path: str | None) -> str | None:
    """The text to look for: what is quoted, else what is code by its form, else what follows a cue.

    Args:
        text: The request.
        path: Where to look, as found in the request; it is no part of the pattern.
    """
    strings = quoted(text)
    if strings:
        return strings[0]
    line = without_courtesy(text.splitlines()[0]) if text else ""
    if path:
        line = re.sub(
            rf"\s*\b(?:in|inside|under|within|from)\s+(?:the\s+)?{re.escape(path)}(?:\s+\w+)?\W*$", "", line
        )
    for token in line.split()[1:] if len(line.split()) > 1 else []:
        word = token.strip("\"'`,;?").rstrip(".")
        if CODE_WORD.match(word) and not is_file_name(word) and word != path and not word.isdigit():
            return word.removesuffix("()") if word.endswith("()") else word
    for cue in _CUES:
        match = re.search(cue, line, re.IGNORECASE)
        if match:
            found = match[1]
            before = None
            while before != found:
                before, found = found, _TAIL.sub("", found)
            found = re.sub(r"^(?:the|a|an|all|any|our|my)\s+", "", found.strip(" ?.,:;!")).strip()
            if found and found.lower() not in _NO_PATTERNS:
                return found
    return None

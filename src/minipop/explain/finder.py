"""Finds what the catalogue knows in a paste.

``docs/assets/finder.js`` is its twin; see `minipop.explain.tokens`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from . import tokens
from .tokens import Line, Segment

#: The most entries that are given for one reply.
MOST = 6

#: Up to so many lines, a reply that was cut off or is still being typed is looked for as part of a known one.
TYPED = 20

#: Words of a segment up to which it is read together with the next line, which a mail may have wrapped.
WRAPPED = 40

#: Stands in a pattern for any words, and at its ends for the reply's own ends.
GAP, START, END = "…", "^", "$"


class Pattern(NamedTuple):
    """Words that have to be there in their order.

    Args:
        entry: what they find.
        chunks: runs of words; between two of them may stand anything.
        start: whether the first word has to be the reply's first.
        end: whether the last word has to be the reply's last.
    """

    entry: str
    chunks: list[list[str]]
    start: bool
    end: bool

    @property
    def size(self) -> int:
        """How many words it has."""
        return sum(map(len, self.chunks))


class Dialogue(NamedTuple):
    """Lines that follow each other: a command, its reply, and what comes then.

    Args:
        entry: what they find; it is given at each reply.
        steps: a pattern for each line.
    """

    entry: str
    steps: list[Pattern]


class Span(NamedTuple):
    """Where a pattern has matched, from and up to which word."""

    start: int
    end: int
    pattern: Pattern


@dataclass(frozen=True)
class Finding:
    """A reply or a sentence of a program in a paste.

    Args:
        line: the line of the paste, from 1.
        entries: the names of entries, at most six; none for a refusal that is not known.
        command: the command that it answers, empty if the paste does not say.
    """

    line: int
    entries: tuple[str, ...]
    command: str = ""


@dataclass
class Found:
    """What a paste holds.

    Args:
        findings: replies and sentences in their order; what the whole paste tells more of comes first.
        first: the line of that one, 0 if there is none.
        commands: the lines in which a client says a command, by number.
        work: how many words were compared, at most.
    """

    findings: list[Finding] = field(default_factory=list)
    first: int = 0
    commands: dict[int, str] = field(default_factory=dict)
    work: int = 0


class Finder:
    """Finds entries by their patterns.

    Args:
        patterns: by entry, as `minipop.explain.catalogue` writes them.
        after: by entry, the commands that it answers; an entry without any may answer all.
        see: by entry, others that are given along with it, because it says little itself; it
            comes last on its line.
        dialogue: by entry, lines that follow each other, each as a pattern.
        trace: by entry, patterns of stack traces; they count where nothing is known that went wrong.
        names: by entry, names of programs; they count where a trace tells nothing either.
        among: by entry, others of which one has to be found for this one to be said in front of it.
        words: by entry, patterns of which one has to be in the paste as well, anywhere.
        unless: by entry, others that must not be found then.
    """

    def __init__(
        self,
        patterns: Mapping[str, Sequence[str]],
        after: Mapping[str, Sequence[str]],
        see: Mapping[str, Sequence[str]],
        dialogue: Mapping[str, Sequence[Sequence[str]]],
        trace: Mapping[str, Sequence[str]],
        names: Mapping[str, Sequence[str]],
        among: Mapping[str, Sequence[str]],
        words: Mapping[str, Sequence[str]],
        unless: Mapping[str, Sequence[str]],
    ) -> None:
        self._patterns = _read(patterns)
        self._order = {entry: place for place, entry in enumerate(patterns)}
        self._after, self._see = after, see
        self._among, self._unless = among, unless
        self._words = _indexed(_read(words))
        self._index = _indexed(self._patterns)
        self._weaker = [_indexed(_read(trace)), _indexed(_read(names))]
        self._dialogues = [
            Dialogue(entry, [_pattern(entry, step) for step in steps])
            for entry, dialogues in dialogue.items()
            for steps in dialogues
        ]
        self._work = 0

    def find(self, paste: str) -> Found:
        """Find every reply and every sentence of a program.

        Args:
            paste: any text; the last million characters of it count.
        """
        self._work = 0
        found = Found()
        read = [line for number, text in tokens.lines(paste) for line in tokens.read(number, text)]
        wrong = self._replies(read, found)
        for index in self._weaker:
            if not wrong:
                said = self._weakly(read, index)
                wrong = bool(said)
                found.findings = sorted([*found.findings, *said], key=lambda finding: finding.line)
        self._specify(read, found)
        found.work = self._work
        return found

    def _specify(self, read: list[Line], found: Found) -> None:
        """Say narrower entries in front of a finding if other words of the paste tell of them."""
        known = {entry for finding in found.findings for entry in finding.entries}
        wanted = {
            entry
            for entry, among in self._among.items()
            if known & {*among} and not known & {*self._unless.get(entry, ())}
        }
        said = self._told(read, wanted)
        narrower = [entry for entry in self._among if entry in said]
        if not narrower:
            return
        among = {*self._among[narrower[0]]}
        first = next(finding for finding in found.findings if among & {*finding.entries})
        names = tuple(dict.fromkeys([*narrower, *first.entries]))[:MOST]
        others = [finding for finding in found.findings if finding is not first]
        found.findings = [Finding(first.line, names, first.command), *others]
        found.first = first.line

    def _told(self, read: list[Line], wanted: set[str]) -> set[str]:
        """Return the entries, of some, of whose words some are in the paste."""
        said: set[str] = set()
        for line in read if wanted else ():
            for segment in line.segments:
                for word in dict.fromkeys(segment.words):
                    for pattern in self._words.get(word, ()):
                        if pattern.entry in wanted and pattern.entry not in said:
                            self._work += len(segment.words)
                            if _match(pattern, segment.words):
                                said.add(pattern.entry)
        return said

    def _replies(self, read: list[Line], found: Found) -> bool:
        """Find replies and sentences line by line; return whether one of them says what went wrong."""
        known = dict[str, list[list[Span]]]()
        command, wrong = "", False
        talk = self._talk(read)
        for place, line in enumerate(read):
            command = line.verb or command
            if line.verb:
                found.commands[line.number] = line.verb
            if place in talk:
                if talk[place]:
                    found.findings.append(Finding(line.number, (talk[place],), command))
                    wrong = True
                command = "" if _replies(line) else command
                continue
            key = " ".join(word for segment in line.segments for word in (*segment.words, "|"))
            if key not in known:
                known[key] = [self._spans(segment.words, self._index) for segment in line.segments]
            spans = known[key]
            if not any(spans) and not line.verb:
                spans = self._wrapped(line, read[place + 1] if place + 1 < len(read) else None)
            said: list[tuple[tuple[str, ...], str]] = []
            for segment, hits in zip(line.segments, spans, strict=True):
                answered = command if segment.status else ""
                bare = segment.words == ["-err"] and any(spans)  # "(-ERR)" beside the sentence itself
                groups = [] if bare else self._groups(segment, hits, len(read))
                wrong = wrong or (any(groups) and segment.status not in ("+ok", "+"))
                said.extend((self._narrowed(entries, answered), answered) for entries in groups)
                command = "" if segment.status in ("+ok", "-err") else command
            said = sorted(dict.fromkeys(said), key=lambda pair: bool({*pair[0]} & self._see.keys()))
            for entries, answered in said:
                others = self._others(entries) if len(said) == 1 else ()
                names = tuple(dict.fromkeys([*entries, *others]))[:MOST]
                found.findings.append(Finding(line.number, names, answered))
        return wrong

    def _talk(self, read: list[Line]) -> dict[int, str]:
        """Return the lines that a dialogue explains, by place; with its entry at replies, else empty."""
        talk: dict[int, str] = {}
        for place, line in enumerate(read):
            if not line.verb or place in talk:
                continue
            for entry, steps in self._dialogues:
                lines = read[place : place + len(steps)]
                self._work += len(line.segments)
                if len(lines) == len(steps) and all(map(_says, steps, lines)):
                    for number, one in enumerate(lines, place):
                        talk[number] = entry if _replies(one) else ""
                    break
        return talk

    def _weakly(self, read: list[Line], index: Mapping[str, list[Pattern]]) -> list[Finding]:
        """Return what weaker patterns find: each entry once, with others along with it, six at most."""
        findings: list[Finding] = []
        named: dict[str, None] = {}
        for line in read:
            hits = [span for segment in line.segments for span in self._spans(segment.words, index)]
            entries = sorted({hit.pattern.entry for hit in hits}, key=self._order.__getitem__)
            wanted = dict.fromkeys([*entries, *self._others(tuple(entries))])
            new = [entry for entry in wanted if entry not in named][: MOST - len(named)]
            named.update(dict.fromkeys(new))
            if new:
                findings.append(Finding(line.number, tuple(new)))
        return findings

    def _groups(self, segment: Segment, hits: list[Span], length: int) -> list[list[str]]:
        """Return the entries of each sentence in a segment; none in a list of one for an unknown refusal."""
        groups: dict[tuple[int, int], list[str]] = {}
        for hit in hits:
            groups.setdefault((hit.start, hit.end), []).append(hit.pattern.entry)
        if groups:
            return [groups[span] for span in sorted(groups)]
        known = self._partial(segment.words) if length <= TYPED and segment.status in ("+ok", "-err") else []
        return [known] if known or segment.status == "-err" else []

    def _narrowed(self, entries: list[str], command: str) -> tuple[str, ...]:
        """Return the entries that answer a command, all if none does or the command is not known."""
        entries = sorted({*entries}, key=self._order.__getitem__)
        fitting = [entry for entry in entries if command and command in self._after.get(entry, ())]
        return tuple(fitting or entries)[:MOST]

    def _others(self, entries: tuple[str, ...]) -> list[str]:
        """Return what is given along with entries: what may stand behind them, if the line does not say."""
        return [other for entry in entries for other in self._see.get(entry, ())]

    def _spans(self, words: list[str], index: Mapping[str, list[Pattern]]) -> list[Span]:
        """Return where patterns match; of two that overlap, the one with more words."""
        hits: list[Span] = []
        for word in dict.fromkeys(words):
            for pattern in index.get(word, ()):
                self._work += len(words)
                span = _match(pattern, words)
                if span:
                    hits.append(span)
        hits.sort(key=lambda hit: (-hit.pattern.size, hit.start, hit.end, self._order[hit.pattern.entry]))
        kept: list[Span] = []
        for hit in hits:
            same = any(
                (one.start, one.end, one.pattern.size) == (hit.start, hit.end, hit.pattern.size)
                for one in kept
            )
            if same or all(hit.end <= one.start or one.end <= hit.start for one in kept):
                kept.append(hit)
        return kept

    def _wrapped(self, line: Line, following: Line | None) -> list[list[Span]]:
        """Return what matches across the end of a line: for its last segment alone."""
        none: list[list[Span]] = [[] for _ in line.segments]
        if not line.segments or not following or not following.segments or following.segments[0].status:
            return none
        first, second = line.segments[-1].words, following.segments[0].words
        if max(len(first), len(second)) > WRAPPED:
            return none
        hits = self._spans([*first, *second], self._index)
        none[-1] = [hit for hit in hits if hit.start < len(first) < hit.end]
        return none

    def _partial(self, words: list[str]) -> list[str]:
        """Return the entries of which a reply, two words at least, is a part."""
        said = words[1:]
        if len(said) < 2:
            return []
        self._work += len(self._patterns) * len(words)
        return [
            pattern.entry
            for pattern in self._patterns
            if any(_place(said, chunk, 0) >= 0 for chunk in pattern.chunks)
        ]


def _read(patterns: Mapping[str, Sequence[str]]) -> list[Pattern]:
    return [_pattern(entry, text) for entry, texts in patterns.items() for text in texts]


def _indexed(patterns: list[Pattern]) -> dict[str, list[Pattern]]:
    """Return patterns by the word at which they are looked for."""
    index: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        index.setdefault(_anchor(pattern), []).append(pattern)
    return index


def _says(pattern: Pattern, line: Line) -> bool:
    return any(_match(pattern, segment.words) for segment in line.segments)


def _replies(line: Line) -> bool:
    return any(segment.status in ("+ok", "-err") for segment in line.segments)


def _pattern(entry: str, text: str) -> Pattern:
    """Read a pattern: words parted by blanks, ``…`` for a gap, ``^`` and ``$`` at the ends."""
    words = text.split(" ")
    start, end = words[0] == START, words[-1] == END
    chunks: list[list[str]] = [[]]
    for word in words[start : len(words) - end]:
        if word == GAP:
            chunks.append([])
        else:
            chunks[-1].append(word)
    return Pattern(entry, [chunk for chunk in chunks if chunk], start, end)


def _anchor(pattern: Pattern) -> str:
    """Return the longest word of a pattern: it is looked at only where that occurs."""
    words = [word for chunk in pattern.chunks for word in chunk]
    return max(words, key=lambda word: (len(word), word))


def _match(pattern: Pattern, words: list[str]) -> Span | None:
    place, first = 0, -1
    for number, chunk in enumerate(pattern.chunks):
        last = number == len(pattern.chunks) - 1
        if last and pattern.end:
            at = len(words) - len(chunk)
            at = at if at >= place and words[at:] == chunk else -1
        else:
            at = _place(chunk, words, place)
        if at < 0 or (number == 0 and pattern.start and at > 0):
            return None
        first = at if first < 0 else first
        place = at + len(chunk)
    return Span(first, place, pattern)


def _place(wanted: list[str], words: list[str], start: int) -> int:
    """Return where a run of words stands in others, -1 if nowhere."""
    for at in range(start, len(words) - len(wanted) + 1):
        if words[at : at + len(wanted)] == wanted:
            return at
    return -1

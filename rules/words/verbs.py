"""English verbs of everyday rules, so that "a delivery van stops" is told from "staff members".

Takes: a word or a clause.
Gives: the verb form that a question needs, and where a clause names its subject.
Knows nothing about: questions, negation."""

from rules.words import patterns

_VERBS = frozenset(
    (
        "abandon appear approach arrive attack back beat bend block board break bring burn carry catch change "
        "charge chase check clean climb close collapse collide come cook cough cover crash crawl cross cut cycle "
        "dance deliver dig dip disappear dive drag drink drip drive drop dump eat emerge empty end enter escape "
        "exit faint fall feed fight fill fit flash flee flicker float flood fly follow get give go grab hand "
        "handle hang hit hold hover hug hurdle ignite jog jump keep kick kneel knock lay lead leak lean leap "
        "leave lie lift light linger litter load loiter look lose lower make meet miss mount move need open "
        "operate overflow overtake park pass pay peek pet pick place play point pour pry pull punch push put "
        "queue race rain raise reach read rest return reverse ride ring rise roll rummage run rush scatter "
        "scratch serve shake shoot show shut sit skate sleep slide slip smash smoke snatch spill spin spray stack "
        "stand start stay steal step stop stumble swerve swim swing take talk tamper tap text throw tilt tip "
        "topple touch transfer trip turn type unload use vanish vault visit wait walk wander wash wave wear weld "
        "work wrestle"
    ).split()
)
_PLURALS = frozenset("people men women children kids sheep cattle police deer geese mice persons".split())
_IRREGULAR = {"goes": "go", "does": "do", "lies": "lie", "dies": "die", "ties": "tie"}
#: also nouns: "autumn leaves on the floor"; verbs only after a subject that a determiner begins
_ALSO_NOUNS = frozenset(
    "leaves lights steps loads covers waves drops rings walks parks cuts cooks boards turns cycles".split()
)
_DETERMINERS = frozenset(
    "a an the any some another this that my our every each two three someone somebody anyone anybody people".split()
)
_NO_SUBJECT = frozenset("who that which is are has have and or but not to with without".split())
_LONGEST_SUBJECT = 6


def base_of(word: str) -> str | None:
    """climbs: climb; passes: pass; None where the word is no third person that is known."""
    word = word.lower()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    forms = [word[:-1], word[:-2] if word.endswith("es") else "", word[:-3] + "y" if word.endswith("ies") else ""]
    return next((form for form in forms if form in _VERBS), None) if word.endswith("s") else None


def is_verb(word: str) -> bool:
    """In any of the forms that begin a predicate: climb, climbs, climbing."""
    word = word.lower()
    stem = word[:-3] if word.endswith("ing") else word
    doubled = stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else stem
    return (
        word in _VERBS
        or base_of(word) is not None
        or (word.endswith("ing") and bool({stem, stem + "e", doubled} & _VERBS))
    )


def gerund(word: str) -> str:
    """climbs: climbing; rides: riding; gets: getting."""
    stem = base_of(word) or word.lower()
    if stem in {"lie", "die", "tie"}:
        return stem[:-2] + "ying"
    if patterns.search(r"[^aeiou]e$|[aeiou][^aeiouwxy]e$|ve$|ue$", stem) and not stem.endswith("ee"):
        return stem[:-1] + "ing"
    if patterns.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", stem):
        return stem + stem[-1] + "ing"
    return stem + "ing"


def is_plural(noun: str) -> bool:
    """Judged by the last word: "two delivery vans"."""
    last = noun.split()[-1].lower() if noun.split() else ""
    return last in _PLURALS or (last.endswith("s") and not last.endswith(("ss", "us", "is", "'s")))


def subject_and_act(clause: str) -> tuple[str, str, str] | None:
    """Who, the verb as it stands, and the rest; None where no known verb follows a subject."""
    words = clause.split(" ")
    for i, word in enumerate(words[: _LONGEST_SUBJECT + 1]):
        if word.lower() in _NO_SUBJECT:
            return None
        who = " ".join(words[:i])
        if who and _does(word.lower(), who):
            rest = " ".join(words[i + 1 :])
            return who, word, f" {rest}" if rest else ""
    return None


def _does(word: str, who: str) -> bool:
    if is_plural(who):
        return word in _VERBS
    if word in _ALSO_NOUNS and who.split()[0].lower() not in _DETERMINERS:
        return False
    return base_of(word) is not None

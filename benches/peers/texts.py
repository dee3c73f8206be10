"""Makes the three sets of texts that the contenders embed: `texts.py FOLDER`, one JSON array each.

All from the project's own sample, the same on every run. `natural`: whole documents cut at
paragraph ends; after the first pass varied, so that no two texts are equal. `short`: lines of 10
to 30 tokens. `full`: exactly 256 tokens. Counts include the two special tokens, without padding."""

import csv
import json
import random
import re
import sys
from pathlib import Path

from common import MAX_TOKENS, ROOT, tokenizer

TOKENS = tokenizer()
TOKENS.no_truncation()


def count(text):
    return len(TOKENS.encode(text).ids)


def documents():
    """The sample's documents; each row of a table is one."""
    texts = []
    for path in sorted((ROOT / "assets" / "sample").rglob("*")):
        if path.suffix in {".md", ".txt"}:
            texts.append(path.read_text().strip())
        elif path.suffix == ".csv":
            rows = csv.DictReader(path.open(newline=""))
            texts += [f"{row['title']}\n\n{row['text']}" for row in rows]
    return texts


def passages(text):
    """Cuts at paragraph ends, and where a paragraph alone is too long, at sentence ends."""
    pieces = []
    for paragraph in re.split(r"\n\s*\n", text):
        fits = count(paragraph) <= MAX_TOKENS
        pieces += [("\n\n", paragraph)] if fits else [(" ", s) for s in sentences(paragraph)]
    made = []
    for joint, piece in pieces:
        if made and count(made[-1] + joint + piece) <= MAX_TOKENS:
            made[-1] += joint + piece
        else:
            made.append(piece)
    return made


def sentences(text):
    return re.split(r"(?<=[.!?]) +", text)


def varied(text, rng):
    """The same text with sentences in another order, some dropped, some words swapped."""
    kept = [s for s in sentences(text) if rng.random() > 0.15] or [text]
    rng.shuffle(kept)
    words = " ".join(kept).split(" ")
    for _ in range(len(words) // 20):
        i, j = rng.randrange(len(words)), rng.randrange(len(words))
        words[i], words[j] = words[j], words[i]
    return " ".join(words)


def natural(rng, n_tokens):
    """Passes over all documents until there are enough tokens."""
    made = {}
    texts = documents()
    while sum(made.values()) < n_tokens:
        for text in texts:
            for passage in passages(text):
                made.setdefault(passage, count(passage))
        texts = [varied(text, rng) for text in documents()]
    return made


def windows(rng, n_tokens, shortest, longest):
    """Runs of whole words from the sample's documents, strung together in a random order."""
    made = {}
    while sum(made.values()) < n_tokens:
        texts = documents()
        rng.shuffle(texts)
        stream = " ".join(varied(text, rng) for text in texts)
        encoded = TOKENS.encode(stream, add_special_tokens=False)
        words, offsets = encoded.word_ids, encoded.offsets
        starts = [i for i in range(1, len(words)) if words[i] != words[i - 1]]
        ends = set(starts)
        at = 0
        while at < len(starts) - 1 and sum(made.values()) < n_tokens:
            start, length = starts[at], rng.randint(shortest, longest) - 2
            at += 1
            if start + length not in ends:
                continue  # it would end within a word
            text = stream[offsets[start][0] : offsets[start + length - 1][1]]
            if shortest <= count(text) <= longest:
                made.setdefault(text, count(text))
            while at < len(starts) and starts[at] < start + length:
                at += 1
    return made


def described(texts):
    """How many tokens, and the counts in words."""
    n = [count(text) for text in texts]
    return sum(n), (f"{len(n):,} texts, {sum(n):,} tokens; "
                    f"mean {sum(n) / len(n):.1f}, min {min(n)}, max {max(n)}")


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in {
        "natural": natural(random.Random(1), 100_000),
        "short": windows(random.Random(2), 50_000, 10, 30),
        "full": windows(random.Random(3), 60_000, MAX_TOKENS, MAX_TOKENS),
    }.items():
        texts = list(made)
        random.Random(4).shuffle(texts)
        (folder / f"{name}.json").write_text(json.dumps(texts, ensure_ascii=False))
        print(f"{name}: {described(texts)[1]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Measures contenders that embed the same texts, taking turns, and prints Markdown tables.

`peers.py [--sets natural,short,full] [--rounds 5] [--only NAME,…] [--all]`; run.sh sets it all up.
Each contender is one process that lives through a set; a turn embeds the whole set."""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy

import common
import texts as corpus
from common import BUILD, ROOT, THREADS

HERE = Path(__file__).resolve().parent
OURS = ROOT / "target" / "release" / "examples" / "contender"
CANDLE = BUILD / "candle" / "release" / "stock-candle"
HOLD = BUILD / "avx2.so"
ST = [sys.executable, "-W", "ignore", HERE / "sentence_transformers_.py"]
ORT = [sys.executable, HERE / "onnx_runtime.py"]
HELD = {"LD_PRELOAD": str(HOLD)}
REFERENCE = "ST f32"

# Name: command, environment. Those in EXTRA run only with --all or where --only names them.
CONTENDERS = {
    "ours auto": ([OURS, "--precision", "auto"], {}),
    "ours f32": ([OURS, "--precision", "f32"], {}),
    "ours avx2": ([OURS, "--precision", "auto"], {"SEMASCOPE_CPU": "avx2"}),
    "stock candle": ([CANDLE], {}),
    "ST f32": ([*ST, "f32"], {}),
    "ST bf16": ([*ST, "bf16"], {}),
    "ORT f32": ([*ORT, "f32"], {}),
    "ORT int8": ([*ORT, "int8"], {}),
    "ORT f32 AVX2": ([*ORT, "f32"], HELD),
    "ORT int8 per channel": ([*ORT, "int8-per-channel"], {}),
    "ST f32 AVX2": ([*ST, "f32"], HELD),
    "ORT int8 AVX2": ([*ORT, "int8"], HELD),
    "stock candle AVX2": ([CANDLE], HELD),
    "ours auto AVX2": ([OURS, "--precision", "auto"], HELD),
}
EXTRA = {"ORT int8 per channel", "ST f32 AVX2", "ORT int8 AVX2", "stock candle AVX2",
         "ours auto AVX2"}


def environment(extra):
    threads = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "TOKENIZERS_NUM_THREADS"]
    return (
        os.environ
        | {name: str(THREADS) for name in threads}
        | {"TOKENIZERS_PARALLELISM": "true", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
        | extra
    )


class Contender:
    """One process that waits for its turns."""

    def __init__(self, name, texts, folder):
        command, extra = CONTENDERS[name]
        self.name, self.out, self.seconds = name, folder / f"{name.replace(' ', '-')}.npy", []
        self.out.unlink(missing_ok=True)
        self.log = self.out.with_suffix(".log")
        self.process = subprocess.Popen(
            [*command, texts, self.out], cwd=ROOT, env=environment(extra), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log.open("w"),
        )
        if self.read() != "ready":
            sys.exit(f"{name} did not say that it is ready; see {self.log}")

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended early; see {self.log}")
        return line.strip()

    def turn(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        self.seconds.append(float(self.read()))

    def vectors(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit(f"{self.name} failed; see {self.log}")
        return numpy.load(self.out)


def capability(extra):
    """What torch finds that the processor can do, or nothing where it cannot be held."""
    code = "import torch; print(torch.backends.cpu.get_cpu_capability())"
    run = subprocess.run([sys.executable, "-c", code], env=environment(extra), text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return run.stdout.strip() if run.returncode == 0 else ""


def machine():
    """The lines above the tables."""
    packages = ["torch", "sentence-transformers", "transformers", "tokenizers", "onnxruntime", "numpy"]
    lock = HERE / "candle" / "Cargo.lock"
    candle = []
    if lock.exists():
        found = re.search(r'name = "candle-core"\nversion = "(.*)"', lock.read_text())
        candle = [f"candle {found[1]}"]
    return common.machine(packages, candle)


def contest(name, contenders, rounds):
    """Lets them take turns over one set, and returns the table's lines."""
    path = BUILD / "texts" / f"{name}.json"
    texts = json.loads(path.read_text())
    n_tokens, counts = corpus.described(texts)
    folder = BUILD / "vectors" / name
    folder.mkdir(parents=True, exist_ok=True)
    running = [Contender(contender, path, folder) for contender in contenders]
    for round_ in range(rounds):
        first = round_ % len(running)
        for contender in running[first:] + running[:first]:
            time.sleep(0.3)  # until the one before has stopped spinning for work
            contender.turn()
            print(f"{name} {round_ + 1}: {contender.name} {contender.seconds[-1]:.2f} s",
                  file=sys.stderr, flush=True)
    vectors = {c.name: c.vectors() for c in running}
    median = {c.name: statistics.median(c.seconds) for c in running}

    def ratio(mine, name):
        return f"{median[name] / median[mine]:.2f}" if mine in median else "–"

    lines = [
        f"## {name}: {counts}",
        "",
        "| contender | tokens/s | texts/s | slowest ÷ fastest turn | ours auto ÷ this | ours f32 ÷ this "
        "| lowest cosine | mean cosine |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for c in running:
        seconds = median[c.name]
        if REFERENCE in vectors:
            a, b = (vectors[n].astype(numpy.float64) for n in (c.name, REFERENCE))
            cosines = (a * b).sum(1) / numpy.linalg.norm(a, axis=1) / numpy.linalg.norm(b, axis=1)
            near = f"{cosines.min():.6f} | {cosines.mean():.6f}"
        else:
            near = "– | –"
        lines.append(
            f"| {c.name} | {n_tokens / seconds:,.0f} | {len(texts) / seconds:,.1f} "
            f"| {max(c.seconds) / min(c.seconds):.2f} | {ratio('ours auto', c.name)} "
            f"| {ratio('ours f32', c.name)} | {near} |"
        )
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", default="natural,short,full")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="names of contenders, with commas between")
    parser.add_argument("--all", action="store_true", help="the extra contenders too")
    args = parser.parse_args()
    report = machine()

    wanted = args.only.split(",") if args.only else [
        name for name in CONTENDERS if args.all or name not in EXTRA
    ]
    if unknown := [name for name in wanted if name not in CONTENDERS]:
        sys.exit(f"no such contender: {', '.join(unknown)}; there are {', '.join(CONTENDERS)}")
    holds = HOLD.exists() and capability(HELD) == "AVX2"
    contenders = []
    for name in wanted:
        command, extra = CONTENDERS[name]
        if not Path(command[0]).exists():
            report.append(f"- Skipped: {name}, for {Path(command[0]).relative_to(ROOT)} is missing.")
        elif extra is HELD and not holds:
            report.append(f"- Skipped: {name}, for this machine cannot be held to AVX2.")
        else:
            contenders.append(name)
    if holds and any(CONTENDERS[name][1] is HELD for name in contenders):
        report.append(f"- AVX2: cpuid answered without AVX-512 and AMX (avx2.c); torch finds "
                      f"{capability({})}, and {capability(HELD)} when so held.")
    report += [
        f"- Method: each contender is one warm process with {THREADS} threads; in each of "
        f"{args.rounds} rounds each embeds the whole set once, tokenizing included, in an order that "
        "rotates. The table has each one's median; tokens are counted with the special ones and "
        f"without padding, and cosines are against {REFERENCE}.",
    ]
    for name in args.sets.split(","):
        report += ["", *contest(name, contenders, args.rounds)]
    print("\n".join(report))


if __name__ == "__main__":
    main()

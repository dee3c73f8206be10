"""What the Python contenders share: where things lie, the number of threads, words about the machine,
the model as a folder that every library accepts, its tokenizer, and the protocol they speak with
peers.py."""

import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "target" / "peers"
SHIPPED = ROOT / "assets" / "model"
THREADS = len(os.sched_getaffinity(0))
MAX_TOKENS = 256


def machine(packages, more=(), threads=f"{THREADS} cores"):
    """The lines above the tables: the processor, and the versions of `packages` and of `more`."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", info, re.M)[1]
    flags = re.search(r"^flags\s*: (.*)$", info, re.M)[1].split()
    wide = [f for f in flags if f.startswith(("avx", "amx"))]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE).stdout.strip()
    load = ", ".join(f"{x:.2f}" for x in os.getloadavg())
    return [
        f"- Machine: {model}, {threads}; {' '.join(wide)}; load average at the start {load}.",
        f"- Versions: ours {commit}, {', '.join([*versions, *more])}, "
        f"Python {platform.python_version()}, Linux {platform.release()}.",
    ]


def tokenizer():
    """The model's tokenizer, cutting at 256 tokens and padding nothing."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    made.enable_truncation(MAX_TOKENS)
    made.no_padding()
    return made


def model_folder():
    """The shipped model completed for transformers: its tokenizer's settings added, weights in f32."""
    folder = BUILD / "model"
    if (folder / "ready").exists():
        return folder
    from safetensors.numpy import load_file, save_file

    for name in ["1_Pooling", "2_Normalize"]:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ["config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json",
                 "1_Pooling/config.json"]:
        (folder / name).write_bytes((SHIPPED / name).read_bytes())
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512}
    special = {f"{name}_token": f"[{name.upper()}]" for name in ["unk", "sep", "pad", "cls", "mask"]}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | special))
    weights = load_file(SHIPPED / "model.safetensors")
    wide = {name: w.astype("float32") if w.dtype.kind == "f" else w for name, w in weights.items()}
    save_file(wide, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "ready").touch()
    return folder


def serve(embed, texts_path, out_path):
    """Warms up, prints `ready`, embeds all texts for every line of stdin and prints the seconds."""
    import numpy

    texts = json.loads(Path(texts_path).read_text())
    embed(texts[:50])
    print("ready", flush=True)
    vectors = None
    for _ in sys.stdin:
        started = time.perf_counter()
        vectors = embed(texts)
        print(f"{time.perf_counter() - started:.6f}", flush=True)
    if vectors is not None:
        numpy.save(out_path, numpy.ascontiguousarray(vectors, dtype="<f4"))

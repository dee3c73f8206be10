"""Measures stages of the analysis beside other programs, taking turns, and prints a Markdown table.

`analysis.py [--rounds 3] [--only STAGE,…] [--most 100000]`; analysis.sh sets it all up. In each turn ours
is a new process that times the stage alone, and a peer runs in here, warmed up; both repeat what takes
less than two seconds. The vectors are synthetic and clustered."""

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from typing import Callable

import faiss
import numpy
import openTSNE
import umap
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

import common

FOLDER = common.BUILD / "analysis"
OURS = common.ROOT / "target" / "release" / "examples" / "contender_analysis"
PACKAGES = ["faiss-cpu", "scikit-learn", "umap-learn", "openTSNE", "numba", "scipy", "numpy"]
THREADS = 2
DIM = 384
N_ALL = 100_000
N_CLUSTERS = 200  # in the data, not those that are looked for
N_NEIGHBORS = 16
N_TRUST = 15
SHORT, REPEATS = 2.0, 5


def vectors(n):
    """The first n of 100,000 unit rows, f32, and the file that holds them."""
    path = FOLDER / f"vectors-{n}.npy"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        numpy.save(path, all_vectors()[:n])
    return numpy.load(path), path


@cache
def all_vectors():
    """Clusters of unequal size and width; each varies along eight directions of its own, and a little
    in all. Shuffled, so that any first part is like the whole."""
    rng = numpy.random.default_rng(7)
    shares = rng.dirichlet(numpy.full(N_CLUSTERS, 2.0))
    cluster = rng.choice(N_CLUSTERS, N_ALL, p=shares)
    centers = rng.normal(size=(N_CLUSTERS, DIM)) / DIM**0.5
    # A fifth as many subjects as clusters, so that some clusters lie near each other.
    subjects = rng.normal(size=(N_CLUSTERS // 5, DIM)) / DIM**0.5
    centers += subjects[rng.integers(0, len(subjects), N_CLUSTERS)]
    rows = numpy.empty((N_ALL, DIM), "<f4")
    for c in range(N_CLUSTERS):
        own = numpy.flatnonzero(cluster == c)
        width = rng.uniform(0.2, 0.5)
        spread = rng.normal(size=(len(own), 8)) @ rng.normal(size=(8, DIM)) / DIM**0.5
        noise = rng.normal(size=(len(own), DIM)) / DIM**0.5
        rows[own] = centers[c] + width * spread + 0.5 * noise
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def timed(stage):
    """Median seconds of a call, repeated if it is short, and its last result."""
    seconds = []
    while True:
        started = time.perf_counter()
        result = stage()
        seconds.append(time.perf_counter() - started)
        if seconds[0] > SHORT or len(seconds) == REPEATS:
            return statistics.median(seconds), result


# The peers: rows and our result become seconds and a result.


def faiss_flat(rows, _):
    def stage():
        index = faiss.IndexFlatIP(DIM)
        index.add(rows)
        return index.search(rows, N_NEIGHBORS + 1)[1]

    return timed(stage)


def sklearn_pca(rows, _):
    return timed(lambda: PCA(3).fit_transform(rows))


def sklearn_kmeans(rows, _):
    return timed(lambda: KMeans(n_clusters=20, n_init=1, random_state=0).fit(rows).labels_)


def umap_learn(rows, _):
    return timed(lambda: umap.UMAP(metric="cosine", n_neighbors=15, random_state=42).fit_transform(rows))


def opentsne(rows, _):
    def stage():
        few = PCA(50, random_state=0).fit_transform(rows)
        tsne = openTSNE.TSNE(negative_gradient_method="fft", n_jobs=THREADS, random_state=42)
        return numpy.asarray(tsne.fit(few))

    return timed(stage)


def numpy_tiles(rows, ours):
    """The same tiles as ours; the slowest of them counts, as with ours."""
    levels = [rows]
    while len(levels[-1]) > 1:
        size = 2 ** len(levels)
        starts = numpy.arange(0, len(rows), size)
        counts = numpy.minimum(len(rows) - starts, size)
        sums = numpy.add.reduceat(rows, starts, dtype=numpy.float64)
        levels.append((sums / counts[:, None]).astype("<f4"))
    seconds, means = [], []
    for row, row_end, column, column_end, block in ours[:, :5].astype(int).tolist():
        level = levels[block.bit_length() - 1]
        a = level[row // block : -(-row_end // block)]
        b = level[column // block : -(-column_end // block)]
        taken, cells = timed(lambda: a @ b.T)
        seconds.append(taken)
        means.append(cells.mean(dtype=numpy.float64))
    return max(seconds), numpy.array(means)


def numpy_search(rows, _):
    def stage():
        cosines = rows @ rows[0]
        order = numpy.argsort(-cosines, kind="stable")
        return numpy.stack([order, cosines[order]], 1)

    return timed(stage)


# The judges: rows, our result and the peer's become words.


def same_neighbors(rows, ours, theirs):
    ours, found = ours.astype(numpy.int64), 0
    for item, (mine, other) in enumerate(zip(ours, theirs)):
        found += len(set(mine) & set(other[other != item][:N_NEIGHBORS]))
    return f"{found / ours.size:.6f} of the neighbors are the same"


def same_axes(rows, ours, theirs):
    signs = numpy.sign((ours * theirs).sum(0))
    return f"largest difference up to sign {numpy.abs(ours * signs - theirs).max():.0e}"


def inertias(rows, ours, theirs):
    def inertia(labels):
        total = 0.0
        for label in numpy.unique(labels):
            members = rows[labels == label].astype(numpy.float64)
            total += ((members - members.mean(0)) ** 2).sum()
        return total

    return f"inertia {inertia(ours.ravel().astype(int)):,.1f} : {inertia(theirs):,.1f}"


def trust(rows, ours, theirs):
    words = " : ".join(f"{value:.4f}" for value in trustworthiness(rows, [ours, theirs]))
    return f"trustworthiness {words}"


def trustworthiness(rows, maps, n_asked=2_000, at_once=100):
    """Of each map (Venna and Kaski 2001), over 15 neighbors of evenly spaced items; neighbors on the map
    and their ranks by cosine are exact, among all items."""
    n, k = len(rows), N_TRUST
    asked = numpy.unique(numpy.linspace(0, n - 1, min(n, n_asked)).astype(int))
    penalties = numpy.zeros(len(maps))
    for start in range(0, len(asked), at_once):
        items = asked[start : start + at_once]
        at = numpy.arange(len(items))
        cosines = rows[items] @ rows.T
        cosines[at, items] = -numpy.inf
        for which, points in enumerate(maps):
            points = points.astype(numpy.float64)
            squares = ((points[items, None, :] - points[None, :, :]) ** 2).sum(2)
            squares[at, items] = numpy.inf
            near = numpy.argpartition(squares, k, axis=1)[:, :k]
            bars = numpy.take_along_axis(cosines, near, axis=1)
            for i in range(k):
                ranks = 1 + (cosines > bars[:, i : i + 1]).sum(1)
                penalties[which] += numpy.maximum(ranks - k, 0).sum()
    return 1 - 2 * penalties / (len(asked) * k * (2 * n - 3 * k - 1))


def same_means(rows, ours, theirs):
    return f"largest difference of a tile's mean {numpy.abs(ours[:, 6] - theirs).max():.0e}"


def same_ranking(rows, ours, theirs):
    return (f"{len(ours):,} of {len(theirs):,} items, largest difference of a rank's cosine "
            f"{numpy.abs(ours[:, 1] - theirs[:, 1]).max():.0e}")


@dataclass
class Stage:
    """What is measured, at which sizes, beside whom."""

    words: str
    sizes: list[int]
    peer_name: str
    peer: Callable
    judge: Callable
    n_warm_up: int = 1_000


STAGES = {
    "neighbors": Stage("exact 16-NN", [10_000, 100_000], "faiss flat", faiss_flat, same_neighbors),
    "pca": Stage("PCA to 3", [10_000, 100_000], "scikit-learn", sklearn_pca, same_axes),
    "kmeans": Stage("k-means, 20 clusters", [10_000, 100_000], "scikit-learn", sklearn_kmeans, inertias),
    # Warmed up with enough rows for umap-learn to compile its approximate search.
    "umap": Stage("UMAP, 15 neighbors", [10_000, 50_000], "umap-learn", umap_learn, trust, 5_000),
    "tsne": Stage("t-SNE, perplexity 30", [10_000], "openTSNE", opentsne, trust),
    "tiles": Stage("slowest 512² tile", [100_000], "numpy", numpy_tiles, same_means),
    # Ours also reads every text for the filter and finds each document's best passage.
    "search": Stage("search, all ranked", [100_000], "numpy, without a filter", numpy_search, same_ranking),
}


def ours(name, path, out):
    """One run of our program: seconds, peak memory in bytes and its result."""
    run = subprocess.run([OURS, name, path, out], text=True, stdout=subprocess.PIPE)
    if run.returncode != 0:
        sys.exit(f"ours failed at {name}")
    said = json.loads(run.stdout)
    return said["seconds"], said["peak_bytes"], numpy.load(out)


def shown(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def contest(name, n, rounds):
    """Lets both take turns over n items, and returns the table's line."""
    stage = STAGES[name]
    rows, path = vectors(n)
    if name != "tiles":
        stage.peer(rows[: stage.n_warm_up], None)
    mine, theirs, peaks = [], [], []
    result = other = None
    for round_ in range(rounds):
        seconds, peak, result = ours(name, path, FOLDER / f"{name}-{n}.npy")
        mine.append(seconds)
        peaks.append(peak)
        seconds, other = stage.peer(rows, result)
        theirs.append(seconds)
        time.sleep(0.3)  # until the peer has stopped spinning for work
        print(f"{name} {n} {round_ + 1}: ours {shown(mine[-1])}, {stage.peer_name} {shown(seconds)}",
              file=sys.stderr, flush=True)
    a, b = statistics.median(mine), statistics.median(theirs)
    beyond = (max(peaks) - rows.nbytes) / 1e6
    return (
        f"| {stage.words} | {n:,} | {shown(a)} | {stage.peer_name} {shown(b)} | {b / a:.2f} "
        f"| {max(mine) / min(mine):.2f}, {max(theirs) / min(theirs):.2f} "
        f"| {stage.judge(rows, result, other)} | {beyond:,.0f} MB |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(STAGES), help="names of stages, with commas between")
    parser.add_argument("--most", type=int, default=N_ALL, help="leave larger sizes out")
    args = parser.parse_args()
    wanted = args.only.split(",")
    if unknown := [name for name in wanted if name not in STAGES]:
        sys.exit(f"no such stage: {', '.join(unknown)}; there are {', '.join(STAGES)}")
    faiss.omp_set_num_threads(THREADS)
    report = [
        *common.machine(PACKAGES, threads=f"{THREADS} threads"),
        f"- Data: synthetic, {N_CLUSTERS} clusters of unequal size, {DIM} dimensions, f32 unit rows.",
        f"- Method: ours and the peer take turns, {args.rounds} each, with {THREADS} threads; the table has "
        "the medians. UMAP and t-SNE count from the vectors on, neighbors included; umap-learn is seeded "
        "and so keeps to one thread, and openTSNE starts from 50 principal components. Of two values the "
        "first is ours.",
        "",
        "| what | items | ours | peer | peer ÷ ours | slowest ÷ fastest turn | results | our memory beyond "
        "the vectors |",
        "|---|--:|--:|--:|--:|--:|---|--:|",
    ]
    for name in wanted:
        for n in STAGES[name].sizes:
            if n <= args.most:
                report.append(contest(name, n, args.rounds))
    print("\n".join(report))


if __name__ == "__main__":
    main()

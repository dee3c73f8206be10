"""Contender: sentence-transformers, `sentence_transformers_.py f32|bf16 texts.json out.npy`.

As its users call it: `encode` with the default batch of 32. bf16 is the same model under torch's
autocast."""

import contextlib
import sys

import torch
from sentence_transformers import SentenceTransformer

from common import THREADS, model_folder, serve

precision, texts_path, out_path = sys.argv[1:]
torch.set_num_threads(THREADS)
model = SentenceTransformer(
    str(model_folder()), device="cpu", model_kwargs={"dtype": torch.float32}
)


def embed(texts):
    if precision == "bf16":
        autocast = torch.autocast("cpu", dtype=torch.bfloat16)
    else:
        autocast = contextlib.nullcontext()
    # The vectors of bf16 are widened by torch, for numpy has no bf16.
    with autocast, torch.inference_mode():
        vectors = model.encode(texts, convert_to_tensor=True, show_progress_bar=False)
    return vectors.float().numpy()


serve(embed, texts_path, out_path)

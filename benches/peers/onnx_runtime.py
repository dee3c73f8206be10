"""Contender: ONNX Runtime, `onnx_runtime.py f32|int8|int8-per-channel texts.json out.npy`.

Sorted by length, batches of 8 padded to their longest, mean pooling and normalizing in the graph.
`onnx_runtime.py export` makes the graphs in target/peers once: torch's older exporter and eager
attention, which gave the fastest graph of those tried (with sdpa, or with the newer exporter,
ONNX Runtime was slower, and its own optimizer for transformers did not help), and for int8
`quantize_dynamic` with its defaults, or with a scale per channel, as fast and much closer to f32.

ONNX Runtime has no switch that holds these kernels to AVX2: MLAS asks cpuid itself, and among the
variables it reads only ORT_QMOE_CPU_DISABLE_AVX512 names an instruction set, for mixtures of
experts alone. peers.py holds it with avx2.c."""

import sys

import numpy
import onnxruntime

from common import BUILD, THREADS, model_folder, serve, tokenizer

BATCH = 8
OPSET = 20


def graph(precision):
    return BUILD / f"model-{precision}.onnx"


def export():
    import torch
    from onnxruntime.quantization import quantize_dynamic
    from transformers import AutoModel

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = AutoModel.from_pretrained(
                model_folder(), dtype=torch.float32, attn_implementation="eager",
                add_pooling_layer=False,
            )

        def forward(self, input_ids, attention_mask):
            hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask)[0]
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean)

    ids = torch.randint(1000, 30000, (3, 17))
    mask = torch.ones_like(ids)
    mask[0, 9:] = 0
    names = ["input_ids", "attention_mask"]
    torch.onnx.export(
        Pooled().eval(), (ids, mask), graph("f32"), opset_version=OPSET, dynamo=False,
        input_names=names, output_names=["vectors"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
    )
    quantize_dynamic(graph("f32"), graph("int8-per-channel"), per_channel=True)
    quantize_dynamic(graph("f32"), graph("int8"))


def main(precision, texts_path, out_path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(
        graph(precision), options, providers=["CPUExecutionProvider"]
    )
    tokens = tokenizer()

    def embed(texts):
        encoded = tokens.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
        vectors = numpy.empty((len(texts), 384), dtype=numpy.float32)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            ids = numpy.zeros((len(rows), len(encoded[rows[-1]].ids)), dtype=numpy.int64)
            mask = numpy.zeros_like(ids)
            for row, i in enumerate(rows):
                ids[row, : len(encoded[i].ids)] = encoded[i].ids
                mask[row, : len(encoded[i].ids)] = 1
            vectors[rows] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    serve(embed, texts_path, out_path)


if sys.argv[1] == "export":
    export()
else:
    main(*sys.argv[1:])

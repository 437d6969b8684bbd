"""How far logits are from exact ones, and what a text costs under each: of files that `gemlab logits` wrote.

  python compare_logits.py IDS.json EXACT.safetensors OTHER.safetensors ...

For each file a line: nats per token of IDS's own next tokens, its perplexity, mean and largest KL(EXACT || file) over the
positions, and the share of positions whose likeliest token is EXACT's. In float64; rows of IDS without padding.
Needs numpy and safetensors.
"""
import json
import sys

import numpy
from safetensors import safe_open

ids = numpy.array(json.load(open(sys.argv[1]))["input_ids"])
files = [safe_open(name, "numpy") for name in sys.argv[2:]]


def log_softmax(file, row, first, last):
    logits = file.get_slice("logits")[row, first:last].astype(numpy.float64)
    logits -= logits.max(-1, keepdims=True)
    return logits - numpy.log(numpy.exp(logits).sum(-1, keepdims=True))


nats = [[] for _ in files]
kl = [[] for _ in files]
same = [[] for _ in files]
for row in range(len(ids)):
    for first in range(0, ids.shape[1], 64):
        last = min(first + 64, ids.shape[1])
        labels = ids[row, first + 1 : last + 1]
        exact = log_softmax(files[0], row, first, last)
        for k, file in enumerate(files):
            other = exact if k == 0 else log_softmax(file, row, first, last)
            nats[k] += (-other[numpy.arange(len(labels)), labels]).tolist()
            kl[k] += (numpy.exp(exact) * (exact - other)).sum(-1).tolist()
            same[k] += (exact.argmax(-1) == other.argmax(-1)).tolist()
for k, name in enumerate(sys.argv[2:]):
    mean = numpy.mean(nats[k])
    print(
        f"{name}: {mean:.4f} nats a token, perplexity {numpy.exp(mean):.3f}; KL mean {numpy.mean(kl[k]):.3e},"
        f" largest {numpy.max(kl[k]):.3e}; same token {numpy.mean(same[k]):.4f} of {len(kl[k])}"
    )

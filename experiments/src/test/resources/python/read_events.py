"""Prints what TensorBoard reads in a run's folder: a line of JSON, {tag: [[step, value], ...]}.

    read_events.py FOLDER
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import TENSORS, EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

events = EventAccumulator(sys.argv[1], size_guidance={TENSORS: 0})
events.Reload()
tags = events.Tags()
read = {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in tags["scalars"]}
for tag in tags["tensors"]:
    read[tag] = [[event.step, float(make_ndarray(event.tensor_proto))] for event in events.Tensors(tag)]
print(json.dumps(read))

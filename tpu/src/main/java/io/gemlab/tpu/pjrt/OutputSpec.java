package io.gemlab.tpu.pjrt;

import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;

/** One output of a program as one device holds it: its part, where it is partitioned. */
public record OutputSpec(ElementType type, TensorShape shape) {}

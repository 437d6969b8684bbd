package io.gemlab.experiments.conformance;

import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.checkpoint.TensorInfo;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Judges logits that another runtime made of the exported vectors. */
public final class LogitsCheck {
  private LogitsCheck() {}

  /**
   * Judges a file.
   *
   * @param file safetensors with a tensor [B, T, V] of each probe's name; of one probe alone it may
   *     be called {@code logits}
   * @param probes which are asked for
   * @return what each probe in the file shows, in the order of {@code probes}
   * @throws InvalidInput if there is none of them, or one has another shape
   */
  public static Map<Probe, Judgement> judge(Path file, List<Probe> probes) {
    Map<Probe, Judgement> judgements = new LinkedHashMap<>();
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      for (Probe probe : probes) {
        String name = probe.label();
        if (probes.size() == 1 && !tensors.tensors().containsKey(name)) name = VectorFiles.LOGITS;
        if (!tensors.tensors().containsKey(name)) continue;
        Logits logits = Logits.atTokens(values(tensors, name, probe), probe.batch());
        judgements.put(probe, Expectation.of(probe).judge(logits, Behaviour.CONFORMS));
      }
      if (judgements.isEmpty()) {
        throw new InvalidInput(
            "%s has no logits of %s; it has the tensors %s: name each by its probe"
                .formatted(
                    file,
                    String.join(", ", probes.stream().map(Probe::label).toList()),
                    tensors.tensors().keySet().stream().sorted().limit(5).toList()));
      }
    }
    return judgements;
  }

  private static float[] values(SafetensorsFile tensors, String name, Probe probe) {
    TensorInfo info = tensors.tensor(name);
    if (!info.shape().equals(VectorFiles.shape(probe))) {
      throw new InvalidInput(
          "%s: tensor %s has the shape %s and the logits of probe %s have %s; give those of all tokens"
              .formatted(
                  tensors.path(), name, info.shape(), probe.label(), VectorFiles.shape(probe)));
    }
    HostTensor read = HostTensor.zeros(ElementType.F32, info.shape());
    tensors.readFloat32(name, read.data());
    return read.floats();
  }
}

package io.gemlab.tpu.device;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.OpSharding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How what a program takes and gives lies on its devices.
 *
 * @param state by name
 * @param arguments in order
 * @param results in order
 */
record Placement(Map<String, Shards> state, List<Shards> arguments, List<Shards> results) {

  /**
   * As the annotations of its entry say; on one device everything is whole.
   *
   * @throws IllegalArgumentException if there are no annotations, or others than Gemlab writes
   */
  static Placement of(ProgramSignature signature, byte[] hlo, int devices) {
    int count = signature.state().size();
    List<TensorSpec> parameters = new ArrayList<>(signature.state());
    parameters.addAll(signature.arguments());
    List<Shards> inputs;
    List<Shards> outputs;
    if (devices == 1) {
      inputs = whole(parameters);
      outputs = whole(signature.results());
    } else {
      HloModule program = HloModule.of(hlo);
      inputs = annotated(parameters, program.parameterShardings(), devices);
      outputs = annotated(signature.results(), program.outputShardings(), devices);
    }
    Map<String, Shards> state = new HashMap<>();
    for (int i = 0; i < count; i++) state.put(parameters.get(i).name(), inputs.get(i));
    return new Placement(state, inputs.subList(count, inputs.size()), outputs);
  }

  private static List<Shards> whole(List<TensorSpec> tensors) {
    return tensors.stream().map(tensor -> Shards.whole(tensor.shape(), 1)).toList();
  }

  private static List<Shards> annotated(
      List<TensorSpec> tensors, List<OpSharding> shardings, int devices) {
    List<Shards> all = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) {
      all.add(Shards.of(shardings.get(i), tensors.get(i).shape(), devices));
    }
    return all;
  }
}

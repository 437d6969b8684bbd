package io.gemlab.experiments.ablate;

import io.gemlab.graph.base.checkpoint.Float32Tensor;
import io.gemlab.graph.base.checkpoint.SafetensorsFile;
import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.Executable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A training run on disk: every state of its executable, bit for bit, and its curves so far; one
 * safetensors file, written whole or not at all.
 */
record TrainingState(Path file, List<TensorSpec> states) {
  private static final String TRAINING = "curve/training";
  private static final String VALIDATION = "curve/validation";

  boolean exists() {
    return Files.exists(file);
  }

  void save(Executable executable, Curves curves) {
    List<HostTensor> read = new ArrayList<>();
    try {
      List<TensorToWrite> tensors = new ArrayList<>();
      for (TensorSpec state : states) {
        HostTensor value = executable.read(state.name());
        read.add(value);
        tensors.add(tensor(state.name(), value));
      }
      tensors.add(tensor(TRAINING, host(curves.training())));
      tensors.add(tensor(VALIDATION, host(curves.validation())));
      SafetensorsWriter.write(file, tensors, Map.of());
    } finally {
      read.forEach(HostTensor::close);
    }
  }

  /**
   * Puts the states back; answers the curves.
   *
   * @throws InvalidInput if the file is damaged or another model's
   */
  Curves restore(Executable executable, int evaluateEvery) {
    try (SafetensorsFile saved = SafetensorsFile.open(file)) {
      for (TensorSpec state : states) {
        if (!saved.tensors().containsKey(state.name())
            || !saved.tensors().get(state.name()).shape().equals(state.shape())) {
          throw new InvalidInput(
              file + " has no " + state + "; delete it, and the run begins again");
        }
        HostTensor value = HostTensor.zeros(ElementType.F32, state.shape());
        saved.readFloat32(state.name(), value.data());
        executable.assign(state.name(), value);
      }
      Curves curves = new Curves(evaluateEvery);
      for (float loss : floats(saved, TRAINING)) curves.training().add(loss);
      for (float loss : floats(saved, VALIDATION)) curves.validation().add(loss);
      return curves;
    }
  }

  private static TensorToWrite tensor(String name, HostTensor value) {
    return new TensorToWrite(
        name, ElementType.F32, value.shape(), Float32Tensor.of(value.data()).stream());
  }

  private static HostTensor host(List<Float> curve) {
    float[] values = new float[curve.size()];
    for (int i = 0; i < values.length; i++) values[i] = curve.get(i);
    return HostTensor.of(values, values.length);
  }

  private static float[] floats(SafetensorsFile saved, String name) {
    HostTensor curve = HostTensor.zeros(ElementType.F32, saved.tensors().get(name).shape());
    saved.readFloat32(name, curve.data());
    return curve.floats();
  }
}

package io.gemlab.tpu.path;

import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import io.gemlab.tpu.mesh.Mesh;
import io.gemlab.tpu.mesh.ShardingPlan;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A model's functions partitioned over a mesh of a plugin's devices: each device holds its pieces
 * of the state and of the batch, and whoever assigns, calls and reads has whole tensors, as on one
 * device.
 *
 * @param devices whose first devices the mesh is of
 * @param mesh how they are arranged
 * @param config the model whose functions are run
 */
public record MeshPath(PjrtPath devices, Mesh mesh, Gemma2Config config) implements ExecutionPath {

  /** Such as {@code pjrt:tpu over data=2,fsdp=2,model=1}. */
  @Override
  public String label() {
    return devices.label() + " over " + mesh;
  }

  @Override
  public Support supports(GraphFunction function) {
    return ShardingPlan.covers(function)
        ? Support.yes()
        : Support.no(
            "its weights are quantized, and a mesh cuts only those that are not",
            "leave --quantize or --mesh out");
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidInput if there is no plugin or there are too few devices, or if the mesh can't
   *     share out the model or a function's batch evenly; one line says what to do
   */
  @Override
  public Executable load(List<GraphFunction> functions) {
    ExecutionPath.require(this, functions);
    functions.forEach(this::plan);
    return DeviceExecutable.load(label(), devices.open(mesh.devices()), this::plan, functions);
  }

  /**
   * How a function is cut; one device holds all.
   *
   * @throws InvalidInput if it can't be cut evenly
   */
  private Optional<ShardingPlan> plan(GraphFunction function) {
    ShardingPlan plan = ShardingPlan.of(config, mesh, rows(function), mesh.devices());
    return mesh.devices() == 1 ? Optional.empty() : Optional.of(plan);
  }

  /** Rows of tokens that a function takes. */
  private static OptionalInt rows(GraphFunction function) {
    return function.argumentSpecs().stream()
        .filter(argument -> argument.name().equals(TokenBatch.INPUT_IDS))
        .mapToInt(tokens -> Math.toIntExact(tokens.shape().dimensions().getFirst()))
        .findFirst();
  }
}

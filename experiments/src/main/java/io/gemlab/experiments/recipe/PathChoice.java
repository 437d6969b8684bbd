package io.gemlab.experiments.recipe;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import io.gemlab.tpu.mesh.Mesh;
import io.gemlab.tpu.mesh.ShardingPlan;
import io.gemlab.tpu.path.MeshPath;
import io.gemlab.tpu.path.PjrtPath;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Where a model's programs run.
 *
 * @param path one of {@link Choices#path}
 * @param mesh how several devices of the path are arranged; empty for one
 */
public record PathChoice(ExecutionPath path, Optional<Mesh> mesh) {
  /** Labels of paths. */
  public static final Values LABELS =
      new Values.OneOf(Choices.PATHS.stream().map(ExecutionPath::label).toList(), "^pjrt:");

  private static final Key<String> PATH =
      Key.of("path", Kind.TEXT, LABELS, "Where it runs; a device is `pjrt:` and its kind or file.");
  private static final Key<String> MESH =
      Key.of(
              "mesh",
              Kind.TEXT,
              Values.ANY,
              "How several devices of a device's path are arranged, such as `data=2,fsdp=2`.")
          .orNull();

  /** What {@link #of(Fields)} reads. */
  public static final List<Key<?>> KEYS = List.of(PATH, MESH);

  /**
   * @throws InvalidInput if there is a mesh and the path is no device's
   */
  public PathChoice {
    if (mesh.isPresent() && !(path instanceof PjrtPath)) {
      throw new InvalidInput(
          "mesh %s needs the path of a device, and the path is %s: give one of %s, or no mesh"
              .formatted(mesh.get(), path.label(), String.join(", ", PjrtPath.LABELS)));
    }
  }

  /**
   * Reads a choice.
   *
   * @param path a label
   * @param mesh as {@link Mesh#parse} reads it; empty for none
   * @throws InvalidInput if one of them is something else
   */
  public static PathChoice of(String path, Optional<String> mesh) {
    return new PathChoice(Choices.path(path), mesh.map(Mesh::parse));
  }

  /**
   * Reads {@code path} and, where it is given, {@code mesh}.
   *
   * @throws InvalidInput if one of them is something else
   */
  public static PathChoice of(Fields fields) {
    return of(
        fields.get(PATH),
        fields.has(MESH.name()) ? Optional.of(fields.get(MESH)) : Optional.empty());
  }

  /**
   * Refuses a mesh that can't share out a model and a batch.
   *
   * @param rows of the batch
   * @throws InvalidInput that names the nearest mesh that can
   */
  public void requireFits(Gemma2Config config, int rows) {
    mesh.ifPresent(
        many -> ShardingPlan.require(config, many, OptionalInt.of(rows), many.devices()));
  }

  /** The same with products so computed, where the path has a choice. */
  public PathChoice withProducts(Products products) {
    return new PathChoice(path.withProducts(products), mesh);
  }

  /** Whether this machine's cores run it, and no device beside them. */
  public boolean isOnCores() {
    return !(path instanceof PjrtPath device) || device.isOnCores();
  }

  /**
   * The path of a model's programs.
   *
   * @param config the model's, asked for only where a mesh needs it
   */
  public ExecutionPath of(Supplier<Gemma2Config> config) {
    return mesh.<ExecutionPath>map(many -> new MeshPath((PjrtPath) path, many, config.get()))
        .orElse(path);
  }
}

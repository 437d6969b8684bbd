package io.gemlab.experiments.cli.option;

import io.gemlab.experiments.recipe.PathChoice;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.product.Products;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Flags of where a model runs, and with which attention. */
final class PathOptions {
  @Option(
      names = "--path",
      defaultValue = "clustered",
      paramLabel = "PATH",
      description =
          "eager, graph, clustered or fused; or a device's: pjrt:tpu, pjrt:cuda, pjrt:cpu, or"
              + " pjrt: and a plugin's file. Default: ${DEFAULT-VALUE}.")
  private String path;

  @Option(
      names = "--mesh",
      paramLabel = "AXES",
      description =
          "With a device's path: its first devices as a mesh, such as data=2,fsdp=2,model=1. data"
              + " and fsdp share out the batch, fsdp the weights, model the heads. Default: one"
              + " device.")
  private String mesh;

  @Mixin private ProductsOption products;
  @Mixin private AttentionOptions attention;

  /** Where a checkpoint's model runs. */
  ExecutionPath path(Path checkpoint) {
    return products.on(
        PathChoice.of(path, Optional.ofNullable(mesh))
            .of(() -> ConfigJson.read(checkpoint.resolve("config.json"))));
  }

  Products products() {
    return products.products();
  }

  OpChoice choice() {
    return attention.choice();
  }
}

package io.gemlab.experiments.ablate;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.RecipeFile;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.ablate.run.TrainingProcesses;
import io.gemlab.experiments.ablate.run.TrainingRuns;
import io.gemlab.experiments.ablate.run.TrainingText;
import io.gemlab.experiments.run.AnsweringJvm;
import io.gemlab.experiments.run.DataHashes;
import io.gemlab.experiments.run.RunStore;
import io.gemlab.experiments.run.Study;
import io.gemlab.graph.path.product.Products;
import io.gemlab.reports.record.Provenance;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A process that trains runs of a shard of an ablation, for the one that has its folder. */
final class TrainingChild {
  private TrainingChild() {}

  /**
   * Starts one.
   *
   * @param options of its JVM
   * @param folder claimed by the recipe
   */
  static AnsweringJvm start(
      List<String> options, AblationFolder folder, Shard shard, Provenance provenance) {
    // Texts are on the heap, as they are here.
    String heap = "-Xmx" + Runtime.getRuntime().maxMemory();
    return new AnsweringJvm(
        TrainingChild.class,
        Stream.concat(options.stream(), Stream.of(heap)).toList(),
        List.of(
            folder.study().toString(),
            shard.toString(),
            Base64.getEncoder().encodeToString(provenance.toByteArray())));
  }

  public static void main(String[] arguments) throws InvalidProtocolBufferException {
    AblationFolder folder = new AblationFolder(Path.of(arguments[0]));
    Shard shard = Shard.of(arguments[1]);
    Provenance provenance = Provenance.parseFrom(Base64.getDecoder().decode(arguments[2]));
    TrainingProcesses.answer(() -> runs(folder, shard, provenance));
  }

  private static TrainingRuns runs(AblationFolder folder, Shard shard, Provenance provenance) {
    RecipeFile file = folder.claimed(shard);
    AblationRecipe recipe = folder.recipe(file, shard);
    Path place = folder.of(shard);
    RunStore store =
        new RunStore(
            AblationFolder.runs(place),
            new Study(recipe.name(), file.text(), provenance),
            DataHashes.reading());
    return new TrainingRuns(
        recipe,
        shard,
        TrainingText.of(recipe.arms()),
        place,
        store,
        folder.products(shard, Products.measured(), true),
        Optional.empty());
  }
}

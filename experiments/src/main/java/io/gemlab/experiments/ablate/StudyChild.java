package io.gemlab.experiments.ablate;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.RecipeFile;
import io.gemlab.experiments.ablate.run.AgreementRuns;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.ablate.run.StudyProcesses;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A process that makes runs of a shard of an ablation, for the one that has its folder. */
final class StudyChild {
  private StudyChild() {}

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
        StudyChild.class,
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
    StudyProcesses.answer(() -> maker(folder, shard, provenance));
  }

  private static StudyProcesses.Maker maker(
      AblationFolder folder, Shard shard, Provenance provenance) {
    RecipeFile file = folder.claimed(shard);
    AblationRecipe recipe = folder.recipe(file, shard);
    Path place = folder.of(shard);
    RunStore store =
        new RunStore(
            AblationFolder.runs(place),
            new Study(recipe.name(), file.text(), provenance),
            DataHashes.reading());
    Map<String, TrainingText> texts = TrainingText.of(recipe.arms());
    Products products = folder.products(shard, Products.measured(), true);
    StudyProcesses.Maker training =
        new TrainingRuns(recipe, shard, texts, place, store, products, Optional.empty()).maker();
    AgreementRuns logits =
        new AgreementRuns(
            recipe,
            Optional.ofNullable(texts.get(recipe.control().name())),
            place,
            store,
            products,
            Optional.empty());
    Set<String> compared = logits.ids();
    StudyProcesses.Maker comparing = logits.maker();
    return (id, monitor) -> (compared.contains(id) ? comparing : training).make(id, monitor);
  }
}

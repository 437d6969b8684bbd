package io.gemlab.experiments.ablate;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.experiments.ablate.recipe.Basis;
import io.gemlab.experiments.ablate.recipe.RecipeFile;
import io.gemlab.experiments.ablate.report.AblationReport;
import io.gemlab.experiments.ablate.run.AblationRuns;
import io.gemlab.experiments.ablate.run.Shard;
import io.gemlab.experiments.ablate.run.StepTimes;
import io.gemlab.experiments.ablate.run.TrainingRuns;
import io.gemlab.experiments.ablate.run.Trials;
import io.gemlab.experiments.run.DataHashes;
import io.gemlab.experiments.run.FolderLock;
import io.gemlab.experiments.run.Inventory;
import io.gemlab.experiments.run.InventoryNotices;
import io.gemlab.experiments.run.RunStore.Run;
import io.gemlab.experiments.run.RunView;
import io.gemlab.graph.base.files.Leftovers;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.path.product.Products;
import io.gemlab.graph.path.product.RecordedProducts;
import io.gemlab.reports.record.Outcome.Status;
import io.gemlab.reports.record.RunRecord;
import io.gemlab.reports.record.RunRecords;
import io.gemlab.reports.record.ShellCommand;
import io.gemlab.reports.render.Block;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What an ablation has on disk, and whether a recipe may use it.
 *
 * @param study the folder of all of it; shards have theirs in it
 */
record AblationFolder(Path study) {
  private static final String RECIPE = "recipe.yaml";
  private static final String RUNS = "runs";

  /** The folder of a shard: its recipe, its records, its checkpoint. */
  Path of(Shard shard) {
    return shard.folder(study);
  }

  /** Where the records are. */
  static Path runs(Path folder) {
    return folder.resolve(RUNS);
  }

  /**
   * The recipe of a file. Steps that are to take equal time are what the first shard's records of a
   * step's time make of them, and learning rates that are tuned what all shards' records choose.
   */
  AblationRecipe recipe(RecipeFile file, Shard shard) {
    AblationRecipe recipe = file.recipe();
    if (recipe.basis() == Basis.TIME) recipe = stepTimes(recipe, shard).fix(file, recipe);
    if (recipe.tuning().isEmpty()) return recipe;
    return recipe.withChosen(Trials.of(recipe, tuning(recipe, shard).records()).chosen());
  }

  /**
   * Which kernels compute the products of the study's runs, all shards' alike.
   *
   * @throws InvalidInput if the study was begun with others than are asked for
   */
  RecordedProducts products(Shard shard, Products asked, boolean resume) {
    boolean joins = !shard.isWhole() && Files.exists(study.resolve(RecordedProducts.NAME));
    return RecordedProducts.of(study, asked, resume || joins);
  }

  /** The recipe that a shard's folder was claimed by. */
  RecipeFile claimed(Shard shard) {
    return RecipeFile.read(of(shard).resolve(RECIPE));
  }

  /** The runs that arms are tuned by, of all shards. */
  Inventory tuning(AblationRecipe recipe, Shard shard) {
    List<Path> folders = shard.all().stream().map(one -> runs(of(one))).toList();
    return Inventory.of(folders, new AblationRuns(recipe).tuning(), DataHashes.byName());
  }

  /** How long the arms' steps take, as the first shard has measured it. */
  StepTimes stepTimes(AblationRecipe recipe, Shard shard) {
    Path first = runs(of(shard.first()));
    return StepTimes.of(
        Inventory.of(List.of(first), new AblationRuns(recipe).steps(), DataHashes.byName()));
  }

  /**
   * The records of some shards, against all that a recipe asks for: but the logits of weights that
   * are not there, and the steps run alone of a study that has none of them, which one of an
   * earlier version is.
   */
  Inventory inventory(List<Shard> shards, AblationRecipe recipe, DataHashes hashes) {
    List<Path> folders = shards.stream().map(shard -> runs(of(shard))).toList();
    AblationRuns runs = new AblationRuns(recipe);
    Inventory all = Inventory.of(folders, runs.all(), hashes);
    Set<String> left = new HashSet<>();
    if (all.records().stream().anyMatch(run -> endedWithoutWeights(run, runs))) {
      left.add(AblationRuns.AGREEMENT);
    }
    boolean steps =
        all.records().stream()
            .anyMatch(record -> new RunView(record).kind().equals(AblationRuns.STEP));
    if (!steps && recipe.basis() != Basis.TIME) left.add(AblationRuns.STEP);
    return left.isEmpty() ? all : Inventory.of(folders, runs.without(left), hashes);
  }

  private static boolean endedWithoutWeights(RunRecord record, AblationRuns runs) {
    return record.getOutcome().getStatus() == Status.FAILED && runs.leavesWeights(record.getId());
  }

  /**
   * Checks, and changes nothing, that a recipe may use a shard's folder.
   *
   * @param resume whether to go on with what is there
   * @throws InvalidInput if it holds something else
   */
  void requireUsable(Shard shard, RecipeFile file, boolean resume, DataHashes hashes) {
    Path folder = of(shard);
    requireDividedAlike(shard);
    if (!resume) {
      if (isEmpty(folder)) return;
      throw new InvalidInput(
          folder + " is not empty; give --resume to go on with it, or another --out");
    }
    if (!Files.exists(folder.resolve(RECIPE))) {
      throw new InvalidInput(
          folder + " has no " + RECIPE + ": nothing to resume; leave out --resume");
    }
    Inventory there = inventory(List.of(shard), recipe(file, shard), hashes);
    there.requireSameSettings(
        "resume it with the recipe as it was, or name another --out for this one");
    if (!isEmpty(folder)) requireExtension(folder, file, there);
  }

  private void requireDividedAlike(Shard shard) {
    if (!shard.isWhole() && Files.exists(study.resolve(RECIPE))) {
      throw new InvalidInput(
          study + " holds an ablation without shards; leave --shard out, or name another --out");
    }
    for (Shard other : Shard.in(study)) {
      if (other.count() == shard.count()) continue;
      throw new InvalidInput(
          "%s holds shard %s; give one of %d with --shard, or name another --out"
              .formatted(study, other, other.count()));
    }
  }

  /** A recipe may ask for more than the one before; what is there has to be part of it. */
  private static void requireExtension(Path folder, RecipeFile file, Inventory there) {
    RecipeFile before = RecipeFile.read(Optional.of(folder.resolve(RECIPE)), false);
    if (before.text().equals(file.text())) return;
    String remedy = "; resume it with its own recipe and flags, or name another --out";
    if (!before.recipe().tuning().equals(file.recipe().tuning())) {
      throw new InvalidInput(
          "%s is tuned otherwise than this recipe's tune says, and what is tuned is not chosen anew%s"
              .formatted(folder, remedy));
    }
    if (!there.foreign().isEmpty()) {
      throw new InvalidInput(
          "%s is of another recipe than this one, which doesn't ask for %s%s"
              .formatted(folder, there.foreign().getFirst().getFileName(), remedy));
    }
    if (!there.withoutIdentity().isEmpty()) {
      throw new InvalidInput(
          "%s is of another recipe than this one, and its records are an earlier version's, which don't say what shaped them%s"
              .formatted(folder, remedy));
    }
    if (Files.exists(TrainingRuns.checkpoint(folder))
        && !weights(before.recipe()).equals(weights(file.recipe()))) {
      throw new InvalidInput(
          "%s holds weights of %s, and this recipe begins with %s: add arms and seeds behind those that are there%s"
              .formatted(folder, weights(before.recipe()), weights(file.recipe()), remedy));
    }
    for (Path state : states(runs(folder))) {
      String record =
          RunRecords.fileName(state.getFileName().toString().replace(TrainingRuns.STATE, ""));
      if (Files.exists(state.resolveSibling(record))) continue;
      throw new InvalidInput(
          "%s is of another recipe than this one, and %s is the state of a run that it began%s"
              .formatted(folder, state.getFileName(), remedy));
    }
  }

  /** The run whose weights are kept. */
  private static String weights(AblationRecipe recipe) {
    return recipe.control().name()
        + recipe.training().map(what -> ", seed " + what.seeds().getFirst()).orElse("");
  }

  /**
   * Makes a folder that {@link #requireUsable} let pass this recipe's; no other process may use it.
   *
   * @return what was set aside, a line each
   */
  List<String> claim(Shard shard, RecipeFile file, DataHashes hashes) throws IOException {
    Path folder = of(shard);
    Files.createDirectories(runs(folder));
    Leftovers.delete(folder);
    Leftovers.delete(runs(folder));
    byte[] text = file.text().getBytes(StandardCharsets.UTF_8);
    WholeFile.write(folder.resolve(RECIPE), text);
    return inventory(List.of(shard), recipe(file, shard), hashes).setAside();
  }

  /** Whether nothing is lost if an ablation begins here: a recipe alone is nothing done. */
  private static boolean isEmpty(Path folder) {
    Set<String> nothing = Set.of(RECIPE, RUNS, FolderLock.FILE);
    return names(folder).stream()
            .allMatch(
                name ->
                    nothing.contains(name)
                        || RecordedProducts.FILES.contains(name)
                        || isLeftover(name))
        && names(runs(folder)).stream().allMatch(AblationFolder::isLeftover);
  }

  private static boolean isLeftover(String name) {
    return Leftovers.isOne(Path.of(name));
  }

  private static List<Path> states(Path runs) {
    return names(runs).stream()
        .filter(name -> name.endsWith(TrainingRuns.STATE))
        .map(runs::resolve)
        .toList();
  }

  private static List<String> names(Path folder) {
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw InvalidInput.unreadable(folder, e);
    }
  }

  /** As {@link Ablation#report}. */
  Path report(Consumer<String> said) throws IOException {
    List<Shard> shards =
        Files.exists(study.resolve(RECIPE)) ? List.of(Shard.WHOLE) : Shard.in(study);
    Path source = of(shards.isEmpty() ? Shard.WHOLE : shards.getFirst()).resolve(RECIPE);
    RecipeFile file = RecipeFile.read(Optional.of(source), false);
    AblationRecipe recipe = recipe(file, shards.isEmpty() ? Shard.WHOLE : shards.getFirst());
    Inventory inventory = inventory(shards, recipe, DataHashes.byName());
    inventory.requireSameSettings(
        "make %s what it was, or make the runs again in another --out".formatted(source));
    List<Block.Notice> notices =
        new InventoryNotices(inventory, run -> command(run, recipe, shards, source)).notices();
    Path html = AblationReport.write(study, recipe, file.text(), inventory, notices);
    notices.stream().map(InventoryNotices::line).forEach(said);
    return html;
  }

  /** What makes a run that is not there. */
  private String command(Run run, AblationRecipe recipe, List<Shard> shards, Path source) {
    int count = shards.getFirst().count();
    Shard shard = count == 1 ? Shard.WHOLE : shardOf(run, recipe, count);
    List<String> words = new ArrayList<>(List.of("gemlab", "ablate", source.toString()));
    words.addAll(List.of("--out", study.toString()));
    if (!shard.isWhole()) words.addAll(List.of("--shard", shard.toString()));
    if (Files.exists(of(shard).resolve(RECIPE))) words.add("--resume");
    return ShellCommand.quoted(words);
  }

  private static Shard shardOf(Run run, AblationRecipe recipe, int count) {
    List<Long> seeds =
        switch (run.kind()) {
          case AblationRuns.TRAINING -> recipe.training().orElseThrow().seeds();
          case AblationRuns.TUNING -> recipe.tuning().orElseThrow().seeds();
          default -> List.of(run.seed());
        };
    return new Shard(seeds.indexOf(run.seed()) % count + 1, count);
  }
}

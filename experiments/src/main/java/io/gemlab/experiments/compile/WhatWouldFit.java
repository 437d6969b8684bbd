package io.gemlab.experiments.compile;

import io.gemlab.tpu.hlo.cost.Chip;
import io.gemlab.tpu.mesh.Mesh;
import io.gemlab.tpu.mesh.ShardingPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What to change so that a program fits, estimated and not compiled: weights and state as the plan
 * of another mesh cuts them, and all else that the compiler asked for as before, in proportion to
 * the rows of a device.
 */
final class WhatWouldFit {
  /** How many times as many devices are worth naming. */
  private static final int MOST_DEVICES = 64;

  private final CaseResult result;
  private final CompileCase compileCase;
  private final double has;
  private final double rest;

  private WhatWouldFit(CaseResult result) {
    this.result = result;
    this.compileCase = result.compileCase();
    this.has = result.deviceMemory().orElseThrow();
    this.rest = Math.max(0, result.needed().orElseThrow() - result.planned().total());
  }

  /** In a sentence's end. */
  static String sentence(CaseResult result) {
    WhatWouldFit would = new WhatWouldFit(result);
    List<String> ways = new ArrayList<>();
    would.fewerRows().ifPresent(ways::add);
    would.otherMesh().ifPresent(ways::add);
    if (ways.isEmpty()) would.moreDevices().ifPresent(ways::add);
    if (ways.isEmpty()) would.moreModel().ifPresent(ways::add);
    would.otherChips().ifPresent(ways::add);
    String estimated =
        ways.isEmpty()
            ? "no variant we estimated fits: give a shorter --length"
            : "estimated to fit with " + String.join("; or with ", ways);
    List<String> flags = new ArrayList<>();
    if (result.compileCase().keepsActivations()) flags.add("--remat layer");
    if (result.compileCase().canCutLoss()) flags.add("--loss-pieces " + CompileCase.PIECES);
    return flags.isEmpty()
        ? estimated
        : "%s; %s may also fit (not estimated)".formatted(estimated, String.join(" or ", flags));
  }

  private Optional<String> fewerRows() {
    int shards = compileCase.mesh().shards();
    int rows = compileCase.size().batchSize();
    for (int fewer = rows - shards; fewer >= shards; fewer -= shards) {
      if (result.planned().total() + rest * fewer / rows <= has) {
        return Optional.of("--batch " + fewer);
      }
    }
    return Optional.empty();
  }

  /** The mesh of the same devices that leaves the model axis alone if it can, and fits best. */
  private Optional<String> otherMesh() {
    int devices = compileCase.target().devices();
    return ShardingPlan.meshes(compileCase.model().config(), compileCase.rows(), devices).stream()
        .filter(mesh -> needed(mesh) <= has)
        .min(
            Comparator.comparing((Mesh mesh) -> mesh.model() != compileCase.mesh().model())
                .thenComparing(this::needed))
        .map(mesh -> "--mesh %s, at %s of a device".formatted(mesh, Verdict.gib(needed(mesh))));
  }

  /** The mesh of the same devices with the smallest model axis that fits if all is cut by it. */
  private Optional<String> moreModel() {
    int devices = compileCase.target().devices();
    return ShardingPlan.meshes(compileCase.model().config(), compileCase.rows(), devices).stream()
        .filter(mesh -> neededAtBest(mesh) <= has)
        .min(Comparator.comparingInt(Mesh::model).thenComparing(this::neededAtBest))
        .map(
            mesh ->
                "--mesh %s, if the model axis cuts all temporaries too, at %s of a device"
                    .formatted(mesh, Verdict.gib(neededAtBest(mesh))));
  }

  private double neededAtBest(Mesh mesh) {
    double kept = Math.min(1, (double) compileCase.mesh().model() / mesh.model());
    double state = state(mesh);
    return state + (needed(mesh) - state) * kept;
  }

  private Optional<String> moreDevices() {
    Mesh mesh = compileCase.mesh();
    for (int times = 2; times <= MOST_DEVICES; times *= 2) {
      Mesh larger = new Mesh(mesh.data(), mesh.fsdp() * times, mesh.model());
      boolean works =
          ShardingPlan.meshes(compileCase.model().config(), compileCase.rows(), larger.devices())
              .contains(larger);
      if (works && needed(larger) <= has) {
        return Optional.of(
            "%d devices as --mesh %s, at %s of each"
                .formatted(larger.devices(), larger, Verdict.gib(needed(larger))));
      }
    }
    return Optional.empty();
  }

  private Optional<String> otherChips() {
    double needed = result.needed().orElseThrow();
    List<String> chips =
        Arrays.stream(Chip.values())
            .filter(chip -> chip.memoryBytes() >= needed)
            .map(Chip::label)
            .toList();
    return chips.isEmpty()
        ? Optional.empty()
        : Optional.of("a device such as " + String.join(" or ", chips));
  }

  /** Bytes of a device on another mesh; rows that were not asked for follow the mesh. */
  private double needed(Mesh mesh) {
    double rowsBefore = (double) compileCase.size().batchSize() / compileCase.mesh().shards();
    double rowsThere = (double) compileCase.rows().orElse(mesh.shards()) / mesh.shards();
    return state(mesh) + rest * rowsThere / rowsBefore;
  }

  private double state(Mesh mesh) {
    int rows = compileCase.rows().orElse(mesh.shards());
    ShardingPlan plan =
        ShardingPlan.of(compileCase.model().config(), mesh, OptionalInt.of(rows), mesh.devices());
    long given =
        plan.parameterBytes(result.function(), result.exported()).stream()
            .mapToLong(Long::longValue)
            .sum();
    return given + compileCase.beside().stream().mapToLong(plan::bytes).sum();
  }
}

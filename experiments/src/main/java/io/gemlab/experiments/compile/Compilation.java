package io.gemlab.experiments.compile;

import io.gemlab.experiments.recipe.Choices;
import io.gemlab.experiments.recipe.ModelSource;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.run.ReportWriter;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.StepFunctions;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.Precision;
import io.gemlab.reports.record.Provenance;
import io.gemlab.tpu.bundle.Bundle;
import io.gemlab.tpu.mesh.Mesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** One run of {@code gemlab compile}: cases compiled one after the other, and their report. */
public final class Compilation {
  /** What a target's name begins with. */
  public static final List<String> TARGETS = Target.KNOWN;

  private final List<CompileCase> cases;
  private final boolean find;
  private final CaseCompiler compiler;

  private Compilation(List<CompileCase> cases, boolean find, CaseCompiler compiler) {
    this.cases = List.copyOf(cases);
    this.find = find;
    this.compiler = compiler;
  }

  /**
   * What the flags ask for.
   *
   * @param source the model
   * @param program such as {@code train}
   * @param values the value of each axis that was asked for
   * @param mesh such as {@code data=4,model=4}, if one was asked for
   * @param allowDeviation whether sdpa may drop the attention's cap
   * @param comparison {@code AXIS=a,b}, if several are compared
   * @param find whether to search for the batch, the rematerialisation and the pieces of the loss
   *     with the most tokens a second
   * @param plugin the compiler's library, if the user names it
   */
  public record Request(
      ModelSource source,
      String program,
      Map<Axis, String> values,
      Optional<String> mesh,
      boolean allowDeviation,
      Optional<String> comparison,
      boolean find,
      Optional<Path> plugin) {}

  /**
   * What came out.
   *
   * @param answer a sentence for each case
   * @param allFit whether every case was compiled and fits
   * @param tokensPerSecond of the first case, or of a step of several functions, all devices
   *     together; empty without a prediction
   * @param report the HTML file
   * @param bundle the program's file, if one was asked for and the compiler took the program
   */
  public record Outcome(
      String answer,
      boolean allFit,
      OptionalDouble tokensPerSecond,
      Path report,
      Optional<Path> bundle) {}

  /**
   * Checks all that can be checked before long work.
   *
   * @throws InvalidInput if a flag's value or the plugin can't be used
   */
  public static Compilation of(Request request) {
    if (request.find() && request.comparison().isPresent()) {
      throw new InvalidInput("--find and --compare can't go together; give one of them");
    }
    CompileCase one = first(request);
    List<CompileCase> cases = request.comparison().map(one::compared).orElse(List.of(one));
    for (CompileCase each : cases) each.requirePossible();
    CaseCompiler compiler = new CaseCompiler(System.getenv(), request.plugin());
    for (CompileCase each : cases) compiler.library(each.target());
    return new Compilation(cases, request.find(), compiler);
  }

  /**
   * The training step of a run: its very functions, of which each is a case.
   *
   * @param model its model, with its depth
   * @param loss what it minimises
   * @param step what a step calls
   * @param microBatches into how many its batch is cut
   * @param size rows of a micro-batch, of all devices together, and tokens of each
   * @param target such as {@code v5p:2x2x4}
   * @param mesh how the target's devices are arranged; empty for all of them on the data axis
   * @throws InvalidInput as {@link #of}
   */
  public static Compilation ofTraining(
      ModelSpec model,
      NextTokenLoss loss,
      StepFunctions step,
      int microBatches,
      TrainingLoss.BatchShape size,
      String target,
      Optional<Mesh> mesh) {
    ModelVariant variant =
        new ModelVariant(
            model,
            OptionalInt.empty(),
            ModelVariant.Softcaps.ON,
            model.depth().layers(),
            model.depth().remat());
    List<CompileCase> cases = new ArrayList<>();
    for (StepPart part : StepPart.of(step, microBatches)) {
      cases.add(
          new CompileCase(
              model.name() + " " + part.name(),
              ProgramKind.TRAIN,
              variant,
              OptionalInt.of(size.batchSize()),
              size.sequenceLength(),
              Target.of(target),
              mesh,
              loss,
              Optional.of(part)));
    }
    cases.getFirst().requirePossible();
    CaseCompiler compiler = new CaseCompiler(System.getenv(), Optional.empty());
    compiler.library(cases.getFirst().target());
    return new Compilation(cases, false, compiler);
  }

  private static CompileCase first(Request request) {
    ProgramKind program = ProgramKind.of(request.program());
    Map<Axis, String> values = new EnumMap<>(request.values());
    values.putIfAbsent(Axis.ATTENTION, program.attention());
    values.putIfAbsent(Axis.LAYERS, program.layers().label());
    ModelVariant model =
        new ModelVariant(
            new ModelSpec(
                request.source().name(),
                request.source().config(),
                new OpChoice(
                    Choices.attention(values.get(Axis.ATTENTION)), request.allowDeviation()),
                Precision.FLOAT32),
            OptionalInt.empty(),
            ModelVariant.Softcaps.ON,
            Depth.PLAIN.layers(),
            Depth.PLAIN.remat());
    CompileCase one =
        new CompileCase(
            model.label() + " " + request.program(),
            program,
            model,
            OptionalInt.empty(),
            1,
            Target.of(values.get(Axis.TARGET)),
            request.mesh().map(Mesh::parse));
    for (Map.Entry<Axis, String> value : values.entrySet()) {
      one = one.with(value.getKey(), value.getValue());
    }
    return one;
  }

  /** How many cases there are. */
  public int size() {
    return cases.size();
  }

  /**
   * Compiles, and writes the report.
   *
   * @param folder where the report goes; made once there is one
   * @param bundle where the program goes, if anywhere; of a search the best
   * @param doing told what is being done
   * @param done told how many cases are done
   */
  public Outcome run(
      Path folder,
      Optional<Path> bundle,
      Provenance provenance,
      Consumer<String> doing,
      Consumer<Integer> done)
      throws IOException {
    boolean isStep = cases.getFirst().part().isPresent();
    if (bundle.isPresent() && cases.size() > 1 && !isStep) {
      throw new InvalidInput(
          "--bundle holds one program and --compare makes several; leave one out");
    }
    CompileReport report = find ? searched(doing) : compiled(doing, done);
    Files.createDirectories(folder);
    Path html = ReportWriter.write(folder, report.report(provenance)).html();
    Optional<Path> bundled = bundle.filter(file -> write(file, report.results()));
    return new Outcome(report.answer(), report.allFit(), report.tokensPerSecond(), html, bundled);
  }

  private static boolean write(Path file, List<CaseResult> results) {
    Optional<Bundle> bundle = CaseBundle.of(results);
    bundle.ifPresent(one -> one.write(file));
    return bundle.isPresent();
  }

  private CompileReport compiled(Consumer<String> doing, Consumer<Integer> done) {
    List<CaseResult> results = new ArrayList<>();
    for (CompileCase each : cases) {
      results.add(compiler.compile(each, doing));
      done.accept(results.size());
    }
    return new CompileReport(results, List.of());
  }

  private CompileReport searched(Consumer<String> doing) {
    List<CaseResult> tried =
        BatchSearch.from(cases.getFirst(), each -> compiler.compile(each, doing));
    CaseResult best = BatchSearch.best(tried).orElseGet(tried::getLast);
    return new CompileReport(List.of(best), tried);
  }
}

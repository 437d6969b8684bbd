package io.gemlab.experiments.cli;

import io.gemlab.experiments.cli.option.ModelSourceOptions;
import io.gemlab.experiments.cli.option.OutputFile;
import io.gemlab.experiments.cli.terminal.Progress;
import io.gemlab.experiments.compile.Axis;
import io.gemlab.experiments.compile.Compilation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code gemlab compile}: does it fit, and how fast should it be; without the device. */
@Command(
    name = "compile",
    description = {
      "Compile a program of the model for a TPU or a GPU ahead of time, with none at hand, and write"
          + " a report: whether it fits and by how much, what memory holds, what the compiler fused,"
          + " how long a step should take.",
      "Exit code 1 where it does not fit; the report is written all the same."
    })
final class CompileCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private ModelSourceOptions source;

  @Option(
      names = "--program",
      defaultValue = "train",
      paramLabel = "PROGRAM",
      description =
          "train, prefill or decode (one token over a cache of --length). Default: ${DEFAULT-VALUE}.")
  private String program;

  @Option(
      names = "--target",
      required = true,
      paramLabel = "TARGET",
      description =
          "A TPU slice by its chips, such as v5p:2x2x4, or by Google Cloud's name, such as v5p-32 or"
              + " v5litepod-16; or GPUs, such as h200:8. There is ${COMPLETION-CANDIDATES}.",
      completionCandidates = TargetNames.class)
  private String target;

  @Option(
      names = "--batch",
      paramLabel = "B",
      description =
          "Rows of all devices together. Default: one for each device on the data and fsdp axes.")
  private String batch;

  @Option(
      names = "--length",
      defaultValue = "8192",
      paramLabel = "T",
      description = "Tokens a row. Default: ${DEFAULT-VALUE}.")
  private String length;

  @Option(
      names = "--attention",
      paramLabel = "KIND",
      description = "eager, sdpa or blockwise. Default: blockwise; eager to decode.")
  private String attention;

  @Option(
      names = "--block",
      paramLabel = "N",
      description = "Positions in a block of blockwise attention. Default: chosen by length.")
  private String block;

  @Option(
      names = "--softcap",
      defaultValue = "on",
      paramLabel = "on|off",
      description = "off: neither the attention's cap nor the logits'. Default: ${DEFAULT-VALUE}.")
  private String softcap;

  @Option(
      names = "--dtype",
      defaultValue = "bfloat16",
      paramLabel = "TYPE",
      description = "float32, bfloat16 or float16, to compute in. Default: ${DEFAULT-VALUE}.")
  private String dtype;

  @Option(
      names = "--allow-deviation",
      description = "Let sdpa drop the attention's cap, and say so.")
  private boolean allowDeviation;

  @Option(
      names = "--compare",
      paramLabel = "AXIS=a,b",
      description =
          "Put variants side by side: attention, block, softcap, dtype, layers, remat, batch, length,"
              + " loss-pieces or target, such as attention=eager,blockwise.")
  private String comparison;

  @Option(
      names = "--find",
      description =
          "Search for the batch, from --batch upwards, the rematerialisation and, where rows are"
              + " long enough, the pieces of the loss with the most predicted tokens a second.")
  private boolean find;

  @Option(
      names = "--mesh",
      paramLabel = "AXIS=N,...",
      description =
          "How the target's devices are arranged, such as data=4,fsdp=2,model=2: data copies the"
              + " model, fsdp shares out its weights, model shares out each product; data and fsdp"
              + " share out the batch, and data the optimizer's state. Default: all on data.")
  private String mesh;

  @Option(
      names = "--layers",
      paramLabel = "LAYOUT",
      description =
          "scanned: a loop over stacked weights, which compiles fast; or unrolled: every layer by"
              + " itself. Default: scanned; unrolled to decode.")
  private String layers;

  @Option(
      names = "--remat",
      defaultValue = "layer",
      paramLabel = "KIND",
      description =
          "What a gradient computes again: layer, all of each layer but its input; or none, of"
              + " unrolled layers only. Default: ${DEFAULT-VALUE}.")
  private String remat;

  @Option(
      names = "--loss-pieces",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "Into how many pieces a training step cuts each row for the loss, so that the scores over"
              + " the vocabulary never exist whole. Default: ${DEFAULT-VALUE}.")
  private String lossPieces;

  @Option(
      names = "--bundle",
      paramLabel = "FILE",
      description =
          "Write the program there, with all that is needed to run it where the device is,"
              + " or the devices of one host: docs/tpu.md and docs/gpu.md say how.")
  private Path bundle;

  @Option(
      names = "--plugin",
      paramLabel = "FILE",
      description = "The compiler's library. Default: TPU_LIBRARY_PATH, or Python's libtpu.")
  private Path plugin;

  @Option(
      names = "--out",
      defaultValue = "out/compile",
      paramLabel = "DIR",
      description = "Folder for the report. Default: ${DEFAULT-VALUE}.")
  private Path out;

  /** What {@code --target} begins with. */
  private static final class TargetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Compilation.TARGETS.iterator();
    }
  }

  @Override
  public Integer call() throws IOException {
    if (bundle != null) OutputFile.requireWritable("--bundle", bundle);
    OutputFile.requireFolder("--out", out);
    Compilation compilation = Compilation.of(request());
    Compilation.Outcome outcome;
    try (Progress progress = Progress.of("compile", compilation.size())) {
      outcome =
          compilation.run(
              out,
              Optional.ofNullable(bundle),
              CommandProvenance.of(spec.commandLine()),
              progress::now,
              done -> progress.at(done));
    }
    spec.commandLine().getOut().println(outcome.answer());
    spec.commandLine().getOut().println("report: " + outcome.report());
    outcome.bundle().ifPresent(file -> spec.commandLine().getOut().println("bundle: " + file));
    return outcome.allFit() ? 0 : 1;
  }

  private Compilation.Request request() {
    Map<Axis, String> values = new EnumMap<>(Axis.class);
    values.put(Axis.SOFTCAP, softcap);
    values.put(Axis.DTYPE, dtype);
    values.put(Axis.REMAT, remat);
    values.put(Axis.LENGTH, length);
    values.put(Axis.LOSS_PIECES, lossPieces);
    values.put(Axis.TARGET, target);
    if (attention != null) values.put(Axis.ATTENTION, attention);
    if (block != null) values.put(Axis.BLOCK, block);
    if (layers != null) values.put(Axis.LAYERS, layers);
    if (batch != null) values.put(Axis.BATCH, batch);
    return new Compilation.Request(
        source.model(),
        program,
        values,
        Optional.ofNullable(mesh),
        allowDeviation,
        Optional.ofNullable(comparison),
        find,
        Optional.ofNullable(plugin));
  }
}

package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.device.ProgramSignature;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A program, or the few that a training step calls one after the other, and all that has to be
 * known to run them. The file is a zip of {@code bundle.json} and, a program each, a serialized
 * {@code HloModuleProto} that is called what the program is, with {@code .hlo.pb}.
 *
 * <p>It holds programs and no compiled code: that would load in the very same version of the plugin
 * only, and what was compiled for a GPU without one has not been tuned on it.
 *
 * @param about what it is
 * @param programs in the order in which a step calls them; they share state by its name
 * @param roles what each state is kept for, by its name
 * @param weights for each state that is a weight the checkpoint's tensors in it: one, or several
 *     that are stacked along a new first dimension
 */
public record Bundle(
    About about,
    List<Program> programs,
    Map<String, StateRole> roles,
    Map<String, List<String>> weights) {
  private static final String DESCRIPTION = "bundle.json";

  /**
   * One of the programs.
   *
   * @param signature what it takes and gives
   * @param calls how often a step calls it before the next one
   * @param hlo the program
   */
  public record Program(ProgramSignature signature, int calls, byte[] hlo) {
    /** The entry of the zip that it lies in. */
    String entry() {
      return Bundle.entry(signature.name());
    }
  }

  /** The entry of the zip that a program of this name lies in. */
  static String entry(String program) {
    return program + ".hlo.pb";
  }

  /**
   * What a bundle is, for people and for whoever makes its arguments.
   *
   * @param gemlab the version that made it
   * @param model such as {@code gemma2-2b}
   * @param program {@code train}, {@code prefill} or {@code decode}
   * @param described the whole choice, in a line
   * @param vocabulary token ids are below this
   * @param devices how many devices the programs are partitioned over
   * @param compiledFor the target that it was found to fit
   * @param compiler the plugin and its version, that found it
   */
  public record About(
      String gemlab,
      String model,
      String program,
      String described,
      int vocabulary,
      int devices,
      String compiledFor,
      String compiler) {}

  /**
   * @throws IllegalArgumentException if there is no program or programs share a name, a state has
   *     no role or is another in another program, what is a weight has no tensors or what is none
   *     has some, or a stack has another number of tensors than its shape
   */
  public Bundle {
    programs = List.copyOf(programs);
    roles = Collections.unmodifiableMap(new LinkedHashMap<>(roles));
    Map<String, List<String>> copy = new LinkedHashMap<>();
    weights.forEach((name, tensors) -> copy.put(name, List.copyOf(tensors)));
    weights = Collections.unmodifiableMap(copy);
    if (programs.stream().map(Program::entry).distinct().count() < Math.max(1, programs.size())) {
      throw new IllegalArgumentException("programs of one name, or none");
    }
    int found = 0;
    for (TensorSpec spec : state(programs)) {
      StateRole role = roles.get(spec.name());
      if (role == null) throw new IllegalArgumentException(spec + " has no role");
      List<String> tensors = weights.get(spec.name());
      if ((role == StateRole.WEIGHT) != (tensors != null)) {
        throw new IllegalArgumentException(
            "%s is a %s and %s"
                .formatted(spec, role.label(), tensors == null ? "has no tensors" : "has tensors"));
      }
      if (tensors == null) continue;
      found++;
      boolean stack = spec.shape().rank() > 0 && spec.shape().toArray()[0] == tensors.size();
      if (tensors.isEmpty() || tensors.size() > 1 && !stack) {
        throw new IllegalArgumentException(spec + " can't hold " + tensors.size() + " tensors");
      }
    }
    if (found < weights.size()) {
      throw new IllegalArgumentException("weights that are no state among " + weights.keySet());
    }
  }

  /** The state of all programs, each once. */
  public List<TensorSpec> state() {
    return state(programs);
  }

  private static List<TensorSpec> state(List<Program> programs) {
    Map<String, TensorSpec> state = new LinkedHashMap<>();
    for (Program program : programs) {
      for (TensorSpec spec : program.signature().state()) {
        TensorSpec before = state.putIfAbsent(spec.name(), spec);
        if (before != null && !before.equals(spec)) {
          throw new IllegalArgumentException("%s is %s elsewhere".formatted(spec, before));
        }
      }
    }
    return List.copyOf(state.values());
  }

  /** The shape that each tensor of a checkpoint must have. */
  Map<String, TensorShape> checkpointShapes() {
    Map<String, TensorShape> shapes = new LinkedHashMap<>();
    for (TensorSpec spec : state()) {
      List<String> tensors = weights.getOrDefault(spec.name(), List.of());
      List<Long> dimensions = spec.shape().dimensions();
      TensorShape each =
          new TensorShape(
              tensors.size() > 1 ? dimensions.subList(1, dimensions.size()) : dimensions);
      tensors.forEach(tensor -> shapes.put(tensor, each));
    }
    return shapes;
  }

  /**
   * Writes it, whole or not at all.
   *
   * @throws InvalidInput if it can't be written
   */
  public void write(Path file) {
    try {
      WholeFile.write(
          file,
          channel -> {
            ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
            entry(zip, DESCRIPTION, BundleJson.write(this));
            for (Program program : programs) entry(zip, program.entry(), program.hlo());
            zip.finish();
          });
    } catch (IOException e) {
      throw new InvalidInput(file + " can't be written: check the folder and the disk", e);
    }
  }

  /** The same bytes for the same bundle: an entry has no time of its own. */
  private static void entry(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  /**
   * Reads one.
   *
   * @throws InvalidInput if the file is absent, damaged or something else
   */
  public static Bundle read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInput(file + " does not exist: name a file that `gemlab compile` wrote");
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return BundleJson.read(bytes(zip, file, DESCRIPTION), entry -> bytes(zip, file, entry), file);
    } catch (IOException e) {
      throw new InvalidInput(
          "%s is no bundle (%s): make it with `gemlab compile --bundle`"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static byte[] bytes(ZipFile zip, Path file, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new InvalidInput(
          "%s is no bundle: it has no %s; make it with `gemlab compile --bundle`"
              .formatted(file, name));
    }
    return zip.getInputStream(entry).readAllBytes();
  }
}

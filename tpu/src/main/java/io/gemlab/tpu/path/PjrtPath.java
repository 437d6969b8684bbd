package io.gemlab.tpu.path;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.ops.choice.Support;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.pjrt.plugin.PluginFinder;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The whole function compiled by a plugin of XLA's for a device that is attached, and run there;
 * state stays on the device.
 *
 * @param label {@code pjrt:cuda}, {@code pjrt:tpu} or {@code pjrt:cpu}, whose plugin is looked for;
 *     or {@code pjrt:} and a plugin's file
 */
public record PjrtPath(String label) implements ExecutionPath {
  /** What the labels of these paths begin with. */
  private static final String PREFIX = "pjrt:";

  /** The labels there are, for messages. */
  public static final List<String> LABELS =
      Stream.concat(Arrays.stream(PluginKind.values()).map(PjrtPath::word), Stream.of("FILE"))
          .map(target -> PREFIX + target)
          .toList();

  /**
   * @throws InvalidInput if the label is none of these
   */
  public PjrtPath {
    if (!isLabel(label)) throw new IllegalArgumentException(label);
    String target = label.substring(PREFIX.length());
    if (kind(target).isEmpty() && !isFile(target)) {
      throw NearestName.unknown("path", label, LABELS);
    }
  }

  /** Whether a path's label means one of these. */
  public static boolean isLabel(String label) {
    return label.startsWith(PREFIX);
  }

  /** Whether its device is this machine's own processor. */
  public boolean isOnCores() {
    return kind(label.substring(PREFIX.length())).equals(Optional.of(PluginKind.CPU));
  }

  /** Whether a device is attached shows only when {@link #load} takes it. */
  @Override
  public Support supports(GraphFunction function) {
    return Support.yes();
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidInput if there is no plugin or no device; one line says what to do
   */
  @Override
  public Executable load(List<GraphFunction> functions) {
    return DeviceExecutable.load(label, open(1), function -> Optional.empty(), functions);
  }

  /**
   * Takes the first devices.
   *
   * @param count how many
   * @throws InvalidInput if there is no plugin, or not as many devices
   */
  public Device open(int count) {
    String target = label.substring(PREFIX.length());
    Path library =
        kind(target)
            .map(
                kind ->
                    new PluginFinder(System.getenv())
                        .find(kind, Optional.empty())
                        .require("as --path " + PREFIX + "FILE"))
            .orElse(Path.of(target));
    return Device.open(library, count);
  }

  private static Optional<PluginKind> kind(String target) {
    return Arrays.stream(PluginKind.values()).filter(kind -> word(kind).equals(target)).findFirst();
  }

  private static boolean isFile(String target) {
    return target.contains(File.separator) || target.contains(".");
  }

  private static String word(PluginKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}

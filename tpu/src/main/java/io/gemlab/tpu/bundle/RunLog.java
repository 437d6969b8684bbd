package io.gemlab.tpu.bundle;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.device.DeviceProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** What came of a run: times, scalars of every step, new tokens. */
final class RunLog {
  private static final JsonMapper JSON = new JsonMapper();

  private final Bundle bundle;
  private final Device device;
  private final Duration compiling;
  private final String weights;
  private final List<Double> millis = new ArrayList<>();
  private final boolean queued;
  private final List<Double> programMillis = new ArrayList<>();
  private long ended = System.nanoTime();
  private Duration program = Duration.ZERO;
  private final Map<String, List<Float>> scalars = new LinkedHashMap<>();

  /**
   * The first step begins now.
   *
   * @param weights where they came from
   * @param queued whether steps wait for each other on the device, so that the time of a program
   *     alone can't be told
   */
  RunLog(Bundle bundle, Device device, Duration compiling, String weights, boolean queued) {
    this.bundle = bundle;
    this.device = device;
    this.compiling = compiling;
    this.weights = weights;
    this.queued = queued;
  }

  /** Records what a phase of the step at hand took. */
  void phase(DeviceProgram.Phase phase, Duration took) {
    if (phase == DeviceProgram.Phase.PROGRAM) program = program.plus(took);
  }

  /** Records a step, which ends now: from the end of the one before to its results on the host. */
  void step(Results results) {
    long now = System.nanoTime();
    millis.add((now - ended) / 1e6);
    if (!queued) programMillis.add(program.toNanos() / 1e6);
    ended = now;
    program = Duration.ZERO;
    results
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (isScalar(tensor)) {
                scalars.computeIfAbsent(name, first -> new ArrayList<>()).add(tensor.item());
              }
            });
  }

  private static boolean isScalar(HostTensor tensor) {
    return tensor.type() == ElementType.F32 && tensor.shape().rank() == 0;
  }

  /**
   * The median of the steps after the first, which may still tune and touch memory for the first
   * time; of the only one where there is one.
   */
  double medianMillis() {
    return median(millis);
  }

  private static double median(List<Double> steps) {
    List<Double> sorted = steps.stream().skip(steps.size() > 1 ? 1 : 0).sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private double tokensPerSecond(Feed feed) {
    return feed.tokens() / medianMillis() * 1e3;
  }

  /** For people. */
  String text(Feed feed) {
    StringJoiner lines = new StringJoiner("\n");
    lines.add(bundle.about().described());
    lines.add(device.described());
    lines.add(line("compiled in %.1f s; weights: %s", compiling.toMillis() / 1e3, weights));
    scalars.forEach(
        (name, values) ->
            lines.add(
                values.stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining(" ", name + " ", ""))));
    feed.generated().forEach(row -> lines.add("new tokens " + row));
    lines.add(
        line(
            "first step %.2f ms, median of %d %.2f ms%s, %.0f tokens/s",
            millis.getFirst(),
            Math.max(1, millis.size() - 1),
            medianMillis(),
            queued ? "" : line(" (the program alone %.2f ms)", median(programMillis)),
            tokensPerSecond(feed)));
    return lines.toString();
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /**
   * For programs.
   *
   * @throws InvalidInput if it can't be written
   */
  void write(Path file, Feed feed) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("program", bundle.about().described())
            .put("gemlab", bundle.about().gemlab())
            .put("platform", device.platform())
            .put("device_kind", device.kind())
            .put("devices_used", device.used())
            .put("devices_attached", device.attached())
            .put("plugin", device.pluginName())
            .put("pjrt", device.apiVersion())
            .put("compiler", device.platformVersion())
            .put("weights", weights)
            .put("compile_seconds", compiling.toNanos() / 1e9)
            .put("first_ms", millis.getFirst())
            .put("median_ms", medianMillis())
            .put("tokens_a_step", feed.tokens())
            .put("tokens_per_second", tokensPerSecond(feed));
    millis.forEach(json.putArray("ms")::add);
    if (!queued) {
      json.put("median_program_ms", median(programMillis));
      programMillis.forEach(json.putArray("program_ms")::add);
    }
    ObjectNode values = json.putObject("results");
    scalars.forEach((name, steps) -> steps.forEach(values.putArray(name)::add));
    ArrayNode ids = json.putArray("output_ids");
    feed.generated().forEach(row -> row.forEach(ids.addArray()::add));
    try {
      Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    } catch (IOException e) {
      throw new InvalidInput(file + " can't be written: check the folder and the disk", e);
    }
  }
}

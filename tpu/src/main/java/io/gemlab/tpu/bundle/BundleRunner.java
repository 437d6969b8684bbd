package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.checkpoint.SafetensorsWriter;
import io.gemlab.graph.base.checkpoint.TensorToWrite;
import io.gemlab.graph.base.cluster.Cluster;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.keyvalue.ClusterToken;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.tpu.device.Device;
import io.gemlab.tpu.device.DeviceState;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Runs a bundle where there is a device: {@code java -cp 'lib/*' io.gemlab.tpu.bundle.BundleRunner
 * --help}.
 */
public final class BundleRunner {
  /** What safetensors files are written of. */
  private static final Set<ElementType> FLOATS =
      Set.of(ElementType.F32, ElementType.BF16, ElementType.F16);

  private BundleRunner() {}

  /** Runs, and ends the process: 0 done, 1 failed while running, 2 wrong usage or input. */
  public static void main(String[] words) {
    // Plugins have threads and destructors of their own that nobody has to wait for.
    Runtime.getRuntime().halt(run(System.out, System.err, words));
  }

  /** Runs; answers the exit code. */
  static int run(PrintStream out, PrintStream err, String... words) {
    if (List.of(words).contains("--help")) {
      out.println(RunnerOptions.HELP);
      return 0;
    }
    try {
      run(RunnerOptions.parse(words), out, err);
      return 0;
    } catch (InvalidInput e) {
      err.println("bundle: " + e.getMessage());
      return 2;
    } catch (RuntimeException e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      err.println("bundle: " + message.lines().findFirst().orElse(e.toString()));
      return 1;
    }
  }

  private static void run(RunnerOptions options, PrintStream out, PrintStream err) {
    Bundle bundle = Bundle.read(options.bundle());
    Feed feed = Feed.of(bundle, options.ids());
    int devices = bundle.about().devices();
    if (options.cluster().isEmpty()) {
      run(options, bundle, feed, () -> Device.open(options.plugin(), devices), out, err);
      return;
    }
    try (Hosts hosts = join(options, options.cluster().get(), err)) {
      try {
        run(
            options,
            bundle,
            feed,
            () -> Device.open(options.plugin(), devices, hosts.place()),
            out,
            err);
        hosts.finish();
      } catch (RuntimeException e) {
        hosts.fail(e.getMessage());
        throw e;
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static Hosts join(RunnerOptions options, Cluster cluster, PrintStream err)
      throws InterruptedException {
    return Hosts.join(
        cluster,
        ClusterToken.ofEnvironment(),
        "%d steps of a bundle with SHA-256 %s"
            .formatted(options.steps(), Sha256.of(options.bundle())),
        line -> err.println("bundle: " + line),
        line -> {
          err.println("bundle: " + line);
          Runtime.getRuntime().halt(1);
        });
  }

  private static void run(
      RunnerOptions options,
      Bundle bundle,
      Feed feed,
      Supplier<Device> opened,
      PrintStream out,
      PrintStream err) {
    try (Device device = opened.get()) {
      err.println("compiling for " + device.kind() + " ...");
      long start = System.nanoTime();
      try (BundleStep step = new BundleStep(device, bundle);
          DeviceState state = step.state(device)) {
        Duration compiling = Duration.ofNanos(System.nanoTime() - start);
        err.println("loading weights ...");
        String weights = load(bundle, options, state);
        RunLog log = new RunLog(bundle, device, compiling, weights, options.ahead() > 0);
        steps(options, feed, step, state, log, err);
        out.println(log.text(feed));
        options.json().ifPresent(file -> log.write(file, feed));
        options.state().ifPresent(file -> writeState(file, bundle, state));
      }
    }
  }

  private static String load(Bundle bundle, RunnerOptions options, DeviceState state) {
    if (options.checkpoint().isPresent()) {
      Path folder = options.checkpoint().get();
      InitialState.load(bundle, folder, state);
      return folder.toString();
    }
    InitialState.random(bundle, state);
    return "random";
  }

  private static void steps(
      RunnerOptions options,
      Feed feed,
      BundleStep programs,
      DeviceState state,
      RunLog log,
      PrintStream err) {
    Deque<BundleStep.Begun> queue = new ArrayDeque<>();
    int begun = 0;
    try {
      for (int step = 1; step <= options.steps(); step++) {
        while (begun < Math.min(step + options.ahead(), options.steps())) {
          queue.add(programs.begin(state, feed, log::phase));
          begun++;
        }
        try (BundleStep.Begun done = queue.remove()) {
          Results results = done.await();
          log.step(results);
          if (step == options.steps()) {
            options.results().ifPresent(file -> writeResults(file, results));
          }
        }
        if (step == 1 || step == options.steps()) {
          err.printf("step %d of %d%n", step, options.steps());
        }
      }
    } finally {
      queue.forEach(BundleStep.Begun::close);
    }
  }

  private static void writeResults(Path file, Results results) {
    write(
        file,
        results.tensors().entrySet().stream()
            .map(tensor -> TensorToWrite.exactly(tensor.getKey(), tensor.getValue()))
            .toList());
  }

  private static void writeState(Path file, Bundle bundle, DeviceState state) {
    write(
        file,
        bundle.state().stream()
            .map(spec -> TensorToWrite.of(spec, state.pieces(spec.name())))
            .toList());
  }

  /** Writes what holds floats; ids are in the log. */
  private static void write(Path file, List<TensorToWrite> tensors) {
    List<TensorToWrite> written =
        tensors.stream().filter(tensor -> FLOATS.contains(tensor.type())).toList();
    SafetensorsWriter.write(file, written, Map.of());
  }
}

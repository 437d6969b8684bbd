package io.gemlab.experiments.bench;

import com.google.protobuf.Timestamp;
import io.gemlab.experiments.recipe.ModelSpec;
import io.gemlab.experiments.run.Records;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.decode.GenerationMemory;
import io.gemlab.graph.decode.GenerationRequest;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.decode.Sampling;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.trace.MemoryNeed;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.reports.statistics.timing.MedianEstimate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How fast rows are generated together: prefill of their prompts and greedy steps after them, with
 * fresh weights.
 *
 * @param model the model
 * @param rows how many
 * @param prompt tokens taken in, of each row
 * @param newTokens steps timed after them, each a token of every row
 * @param samples generations timed, after some that warm up; {@link MedianEstimate#LEAST_SAMPLES}
 *     or more
 */
public record GenerationSpeed(ModelSpec model, int rows, int prompt, int newTokens, int samples) {
  private static final long SEED = 1;

  /** What the JVM takes to compile the kernels that a step calls; at least one generation. */
  static final Duration WARM_UP = Duration.ofSeconds(5);

  public GenerationSpeed {
    BenchPlan.atLeast("--batch", rows, 1);
    BenchPlan.atLeast("--length", prompt, 1);
    BenchPlan.atLeast("--new-tokens", newTokens, 1);
    BenchPlan.atLeast("--samples", samples, MedianEstimate.LEAST_SAMPLES);
    int most = model.config().maxPositionEmbeddings();
    if (prompt + newTokens > most) {
      throw new InvalidInput(
          "--length and --new-tokens are %d together; the model's context is %d"
              .formatted(prompt + newTokens, most));
    }
  }

  /**
   * What was measured on a path.
   *
   * @param path its name
   * @param started when the path was loaded
   * @param ended when it was done
   * @param prefillSeconds from the call to the first tokens, a generation each, ascending
   * @param decodeSeconds from the first tokens to the last, a generation each, ascending
   * @param weightBytes bytes of weights that each step reads
   * @param kernels values of a decoding step that kernels compute
   */
  public record Timed(
      String path,
      Timestamp started,
      Timestamp ended,
      List<Double> prefillSeconds,
      List<Double> decodeSeconds,
      long weightBytes,
      KernelUse kernels) {
    public Timed {
      prefillSeconds = prefillSeconds.stream().sorted().toList();
      decodeSeconds = decodeSeconds.stream().sorted().toList();
    }
  }

  /** Weights and cache, which is what generating needs before anything else. */
  public MemoryNeed need() {
    long kept = GenerationMemory.of(model.model(), rows, prompt + newTokens).total();
    return new MemoryNeed(kept, 0, 0);
  }

  /** Generates on a path. */
  public Timed run(ExecutionPath path) {
    Timestamp started = Records.now();
    Gemma2Model<?> generating = model.model();
    List<Double> prefill = new ArrayList<>();
    List<Double> decode = new ArrayList<>();
    KernelUse kernels;
    try (Executable executable = path.load(List.of(Generator.weights(generating)));
        Generator generator = new Generator(generating, executable)) {
      ModelWeights.initialize(generating, SEED, executable, Tensors.elementType(generating.type()));
      TokenBatch batch = TokenBatch.random(SEED, rows, prompt, model.config().vocabSize());
      GenerationRequest request =
          new GenerationRequest(List.of(batch.inputIds()), newTokens + 1, Sampling.greedy(), false);
      long warm = System.nanoTime() + WARM_UP.toNanos();
      do {
        generate(generator, request);
      } while (System.nanoTime() < warm);
      for (int sample = 0; sample < samples; sample++) {
        List<Long> at = generate(generator, request);
        prefill.add((at.get(1) - at.getFirst()) / 1e9);
        decode.add((at.getLast() - at.get(1)) / 1e9);
      }
      kernels = generator.kernels().orElseThrow();
    }
    long weights = GenerationMemory.of(generating, rows, prompt + newTokens).weights();
    return new Timed(path.label(), started, Records.now(), prefill, decode, weights, kernels);
  }

  /** When it began and when each step's tokens came, in nanoseconds. */
  private static List<Long> generate(Generator generator, GenerationRequest request) {
    List<Long> at = new ArrayList<>();
    at.add(System.nanoTime());
    generator.generate(
        request,
        (row, id, logProbability) -> {
          if (row == 0) at.add(System.nanoTime());
          return Optional.empty();
        });
    return at;
  }
}

package io.gemlab.experiments.conformance;

import io.gemlab.experiments.conformance.Finding.Failed;
import io.gemlab.experiments.conformance.Finding.Judged;
import io.gemlab.experiments.conformance.Finding.Outcome;
import io.gemlab.experiments.conformance.Finding.Refused;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.checkpoint.HfCheckpoint;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.decode.Generator;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.path.Executable;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.runtime.Tensors;
import io.gemlab.graph.weights.ModelWeights;
import io.gemlab.ops.choice.UnsupportedChoiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A probe in one configuration, in every cache mode.
 *
 * @param expectation the probe's
 * @param files where its checkpoint is
 * @param configuration how it runs
 */
record ProbeRun(Expectation expectation, VectorFiles files, Configuration configuration) {
  private static final String FORWARD = "forward";

  List<Finding> run() {
    try (HfCheckpoint checkpoint = HfCheckpoint.open(files.folder())) {
      Gemma2Model<?> model = model(checkpoint);
      try (Executable executable = configuration.path().load(List.of(Generator.weights(model)))) {
        ModelWeights.load(checkpoint, model, executable, Tensors.elementType(model.type()));
        List<Finding> findings = new ArrayList<>();
        Outcome whole =
            judged(
                model,
                () -> wholeRows(model, executable),
                () -> executable.report(FORWARD).kernels());
        findings.add(finding(CacheMode.WHOLE_ROWS, whole));
        findings.addAll(cached(model, executable));
        return findings;
      }
    } catch (UnsupportedChoiceException refusal) {
      return findings(List.of(CacheMode.values()), new Refused(refusal.getMessage()));
    } catch (RuntimeException e) {
      return findings(List.of(CacheMode.values()), new Failed(e.toString()));
    }
  }

  private Gemma2Model<?> model(HfCheckpoint checkpoint) {
    return configuration
        .options()
        .model(ConfigJson.read(checkpoint.files().config(), checkpoint.folder().toString()));
  }

  private List<Finding> cached(Gemma2Model<?> model, Executable executable) {
    try (Generator generator = new Generator(model, executable)) {
      return CacheMode.CACHED.stream()
          .map(
              cache ->
                  finding(
                      cache,
                      judged(
                          model,
                          () -> cached(generator, cache),
                          () -> generator.kernels().orElseThrow())))
          .toList();
    } catch (UnsupportedChoiceException refusal) {
      return findings(CacheMode.CACHED, new Refused(refusal.getMessage()));
    }
  }

  private Outcome judged(Gemma2Model<?> model, Supplier<float[]> run, Supplier<KernelUse> kernels) {
    boolean deviates = model.deviation().isPresent();
    Behaviour asked = deviates ? Behaviour.ATTENTION_SOFTCAP_DROPPED : Behaviour.CONFORMS;
    try {
      Judgement judgement = expectation.judge(Logits.atTokens(run.get(), probe().batch()), asked);
      return new Judged(judgement, kernels.get());
    } catch (UnsupportedChoiceException refusal) {
      return new Refused(refusal.getMessage());
    } catch (RuntimeException e) {
      return new Failed(e.toString());
    }
  }

  private float[] wholeRows(Gemma2Model<?> model, Executable executable) {
    TokenBatch batch = probe().batch();
    executable.add(
        new ForwardPass<>(model, batch.rows(), batch.length())
            .trace(FORWARD, ForwardPass.Returns.LOGITS_ONLY));
    try (Results results = executable.run(FORWARD, batch.arguments())) {
      return results.get(ForwardPass.LOGITS).floats();
    }
  }

  /** The rows without their padding through the cache, and room for the padding before them. */
  private float[] cached(Generator generator, CacheMode cache) {
    TokenBatch batch = probe().batch();
    int row = batch.length() * probe().config().vocabSize();
    float[] logits = new float[batch.rows() * row];
    List<float[]> rows = generator.logits(probe().rows(), cache.prefilled(probe()));
    for (int b = 0; b < batch.rows(); b++) {
      int length = rows.get(b).length;
      System.arraycopy(rows.get(b), 0, logits, (b + 1) * row - length, length);
    }
    return logits;
  }

  private List<Finding> findings(List<CacheMode> caches, Outcome outcome) {
    return caches.stream().map(cache -> finding(cache, outcome)).toList();
  }

  private Finding finding(CacheMode cache, Outcome outcome) {
    return new Finding(probe(), configuration, cache, outcome);
  }

  private Probe probe() {
    return expectation.probe();
  }
}

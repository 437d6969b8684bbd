package io.gemlab.experiments.trainer;

import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.decode.GeneratedTokens;
import io.gemlab.graph.decode.GenerationRequest;
import io.gemlab.graph.decode.Generator;
import io.gemlab.tpu.mesh.Mesh;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Text that a model writes while it is trained, by the weights that the training step holds. A mesh
 * is given a prompt as often as it has shards of a batch, and the first text counts, which is that
 * of one device.
 */
final class SampleTexts implements Supplier<List<Evaluations.Sample>> {
  private final TrainRecipe.Samples samples;
  private final Tokenizer tokenizer;
  private final List<Integer> end;
  private final int copies;
  private final Generator generator;

  /**
   * @param generator generates by the weights that are trained, {@link TrainRecipe#generator}
   * @param tokenizer closed by whoever opened it
   */
  SampleTexts(TrainRecipe recipe, Generator generator, Tokenizer tokenizer) {
    this.samples = recipe.samples();
    this.tokenizer = tokenizer;
    this.end = recipe.model().config().tokens().eos();
    this.copies = recipe.path().mesh().map(Mesh::shards).orElse(1);
    this.generator = generator;
  }

  @Override
  public List<Evaluations.Sample> get() {
    List<Evaluations.Sample> texts = new ArrayList<>();
    for (String prompt : samples.prompts()) {
      GenerationRequest request =
          new GenerationRequest(
              Collections.nCopies(copies, tokenizer.encodePrompt(prompt)),
              samples.newTokens(),
              samples.sampling(),
              false);
      GeneratedTokens tokens =
          generator
              .generate(
                  request,
                  (row, id, probability) ->
                      end.contains(id) ? Optional.of(FinishReason.STOP_TOKEN) : Optional.empty())
              .getFirst();
      texts.add(new Evaluations.Sample(prompt, tokenizer.decode(tokens.ids())));
    }
    return texts;
  }
}

package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.batch.TokenFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a program is given, step by step. */
sealed interface Feed {
  /** The next step's arguments. */
  Map<String, HostTensor> arguments();

  /** Takes note of what the step gave. */
  void take(Results results);

  /** New tokens of each row so far; empty where none are made. */
  List<List<Integer>> generated();

  /** Tokens that each step computes. */
  int tokens();

  /**
   * Tokens of a file, or at random ones.
   *
   * @param ids a file as {@link TokenFile} reads it
   * @throws InvalidInput if the program takes something else
   */
  static Feed of(Bundle bundle, Optional<Path> ids) {
    Map<String, TensorSpec> arguments = new HashMap<>();
    bundle.signature().arguments().forEach(spec -> arguments.put(spec.name(), spec));
    Set<String> known =
        Set.of(
            TokenBatch.INPUT_IDS, TokenBatch.POSITIONS, TokenBatch.DOCUMENTS, LabelledBatch.LABELS);
    if (!known.containsAll(arguments.keySet()) || !arguments.containsKey(TokenBatch.INPUT_IDS)) {
      throw new InvalidInput(
          "the bundle's program takes %s, and the runner makes %s: bundle a train, a prefill or a decode program"
              .formatted(
                  arguments.keySet().stream().sorted().toList(), known.stream().sorted().toList()));
    }
    TensorShape shape = arguments.get(TokenBatch.INPUT_IDS).shape();
    int rows = Math.toIntExact(shape.toArray()[0]);
    int length = Math.toIntExact(shape.toArray()[1]);
    boolean decodes =
        bundle.signature().results().stream().anyMatch(spec -> spec.name().equals(Decode.IDS));
    TokenBatch batch =
        ids.map(file -> TokenFile.read(file, bundle.about().vocabulary()))
            .orElseGet(() -> TokenBatch.random(1, rows, length, bundle.about().vocabulary()));
    if (batch.rows() != rows || !decodes && batch.length() != length) {
      throw new InvalidInput(
          "%s holds %d x %d tokens and the bundle's program takes %d x %s: give as many"
              .formatted(
                  ids.orElseThrow(), batch.rows(), batch.length(), rows, decodes ? "any" : length));
    }
    return decodes ? new Decode(batch) : new Batch(batch, arguments.keySet());
  }

  /** The same batch at every step. */
  final class Batch implements Feed {
    private final TokenBatch batch;
    private final Map<String, HostTensor> arguments;

    /** Rows that are one text each are as many documents to a program that takes documents. */
    Batch(TokenBatch rows, Set<String> names) {
      batch =
          names.contains(TokenBatch.DOCUMENTS)
              ? new TokenBatch(rows.inputIds(), rows.documents(), Packing.DOCUMENTS)
              : rows;
      Map<String, HostTensor> all = new HashMap<>(batch.arguments());
      all.put(LabelledBatch.LABELS, HostTensor.of(LabelledBatch.withinRows(batch).labels()));
      all.keySet().retainAll(names);
      arguments = all;
    }

    @Override
    public Map<String, HostTensor> arguments() {
      return arguments;
    }

    @Override
    public void take(Results results) {}

    @Override
    public List<List<Integer>> generated() {
      return List.of();
    }

    @Override
    public int tokens() {
      return batch.rows() * batch.length();
    }
  }

  /**
   * A token of each row at every step: the prompt's, and then those that the program chose. An
   * empty cache takes a prompt as it takes what follows.
   */
  final class Decode implements Feed {
    /** The result that holds the tokens chosen. */
    static final String IDS = "ids";

    private final int[][] prompts;
    private final List<List<Integer>> generated;
    private int position;

    Decode(TokenBatch batch) {
      for (int[] mask : batch.attentionMask()) {
        for (int seen : mask) {
          if (seen == 0) {
            throw new InvalidInput("a decode program takes prompts without padding: leave it out");
          }
        }
      }
      prompts = batch.inputIds();
      generated = new ArrayList<>();
      for (int b = 0; b < prompts.length; b++) generated.add(new ArrayList<>());
    }

    @Override
    public Map<String, HostTensor> arguments() {
      int[][] ids = new int[prompts.length][1];
      int[][] positions = new int[prompts.length][1];
      for (int b = 0; b < prompts.length; b++) {
        boolean prompt = position < prompts[b].length;
        ids[b][0] = prompt ? prompts[b][position] : generated.get(b).getLast();
        positions[b][0] = position;
      }
      return Map.of(
          TokenBatch.INPUT_IDS, HostTensor.of(ids), TokenBatch.POSITIONS, HostTensor.of(positions));
    }

    @Override
    public void take(Results results) {
      int[] ids = results.get(IDS).ints();
      for (int b = 0; b < prompts.length; b++) {
        if (position >= prompts[b].length - 1) generated.get(b).add(ids[b]);
      }
      position++;
    }

    @Override
    public List<List<Integer>> generated() {
      return generated.stream().map(List::copyOf).toList();
    }

    @Override
    public int tokens() {
      return prompts.length;
    }
  }
}

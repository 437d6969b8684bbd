package io.gemlab.tpu.bundle;

import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.batch.TokenBatch;
import io.gemlab.graph.base.batch.TokenFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.HostTensor;
import io.gemlab.graph.base.tensor.Results;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a program is given, step by step. */
sealed interface Feed {
  /** What a step's program gives and takes as the mean loss of the step. */
  String LOSS = "loss";

  /**
   * The next call's arguments.
   *
   * @param program whose
   * @param call its number among the program's calls of this step, from 0
   */
  Map<String, HostTensor> arguments(Bundle.Program program, int call);

  /** Takes note of what the call gave. */
  void take(Results results);

  /** The step's mean loss, where its calls give sums. */
  Optional<Float> loss();

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
    for (Bundle.Program program : bundle.programs()) {
      program.signature().arguments().forEach(spec -> arguments.put(spec.name(), spec));
    }
    Bundle.Program first = bundle.programs().getFirst();
    boolean takesTokens =
        first.signature().arguments().stream()
            .anyMatch(spec -> spec.name().equals(TokenBatch.INPUT_IDS));
    Set<String> known = new TreeSet<>(Batch.STEP_ARGUMENTS);
    known.addAll(
        Set.of(
            TokenBatch.INPUT_IDS,
            TokenBatch.POSITIONS,
            TokenBatch.DOCUMENTS,
            LabelledBatch.LABELS));
    if (!known.containsAll(arguments.keySet()) || !takesTokens) {
      throw new InvalidInput(
          "the bundle's program takes %s, and the runner makes %s: bundle a train, a prefill or a decode program"
              .formatted(arguments.keySet().stream().sorted().toList(), List.copyOf(known)));
    }
    TensorShape shape = arguments.get(TokenBatch.INPUT_IDS).shape();
    int rows = Math.toIntExact(shape.toArray()[0]);
    int length = Math.toIntExact(shape.toArray()[1]);
    boolean decodes =
        first.signature().results().stream().anyMatch(spec -> spec.name().equals(Decode.IDS));
    if (decodes && !bundle.roles().containsValue(StateRole.TOKEN)) {
      throw new InvalidInput(
          "the bundle's decode program keeps no token, so it was compiled by an earlier Gemlab: compile it again");
    }
    TokenBatch batch =
        ids.map(file -> TokenFile.read(file, bundle.about().vocabulary()))
            .orElseGet(() -> TokenBatch.random(1, rows, length, bundle.about().vocabulary()));
    if (batch.rows() != rows || !decodes && batch.length() != length) {
      throw new InvalidInput(
          "%s holds %d x %d tokens and the bundle's program takes %d x %s: give as many"
              .formatted(
                  ids.orElseThrow(), batch.rows(), batch.length(), rows, decodes ? "any" : length));
    }
    return decodes ? new Decode(batch) : new Batch(batch, arguments.keySet(), first.calls());
  }

  /** The same batch at every call that takes one; no step is left out. */
  final class Batch implements Feed {
    private static final String MICRO_BATCH = "micro_batch";
    private static final String STEP_TOKENS = "step_tokens";
    private static final String MAX_LOSS = "max_loss";
    private static final String MAX_NORM = "max_grad_norm";
    private static final String LOSS_SUM = "loss_sum";

    /** What a training step takes besides a batch. */
    static final Set<String> STEP_ARGUMENTS =
        Set.of(MICRO_BATCH, STEP_TOKENS, LOSS, MAX_LOSS, MAX_NORM);

    private final TokenBatch batch;
    private final Map<String, HostTensor> arguments;
    private final int calls;
    private final int scored;
    private Optional<Float> loss = Optional.empty();

    /**
     * Rows that are one text each are as many documents to a program that takes documents.
     *
     * @param names of what the programs take
     * @param calls how many batches a step takes
     */
    Batch(TokenBatch rows, Set<String> names, int calls) {
      batch =
          names.contains(TokenBatch.DOCUMENTS)
              ? new TokenBatch(rows.inputIds(), rows.documents(), Packing.DOCUMENTS)
              : rows;
      this.calls = calls;
      LabelledBatch labelled = LabelledBatch.withinRows(batch);
      scored = labelled.scored();
      arguments = new HashMap<>(batch.arguments());
      arguments.put(LabelledBatch.LABELS, HostTensor.of(labelled.labels()));
      arguments.put(STEP_TOKENS, HostTensor.scalar((float) calls * scored));
      arguments.put(MAX_LOSS, HostTensor.scalar(Float.POSITIVE_INFINITY));
      arguments.put(MAX_NORM, HostTensor.scalar(Float.POSITIVE_INFINITY));
    }

    @Override
    public Map<String, HostTensor> arguments(Bundle.Program program, int call) {
      Map<String, HostTensor> all = new HashMap<>(arguments);
      all.put(MICRO_BATCH, HostTensor.of(new int[] {call}));
      loss.ifPresent(mean -> all.put(LOSS, HostTensor.scalar(mean)));
      all.keySet()
          .retainAll(program.signature().arguments().stream().map(TensorSpec::name).toList());
      return all;
    }

    /** All batches of a step are alike, and so are their means. */
    @Override
    public void take(Results results) {
      HostTensor sum = results.tensors().get(LOSS_SUM);
      if (sum != null) loss = Optional.of(sum.item() / scored);
    }

    @Override
    public Optional<Float> loss() {
      return loss;
    }

    @Override
    public List<List<Integer>> generated() {
      return List.of();
    }

    @Override
    public int tokens() {
      return calls * batch.rows() * batch.length();
    }
  }

  /**
   * A token of each row at every step: the prompt's, and then those that the program chose. An
   * empty cache takes a prompt as it takes what follows.
   */
  final class Decode implements Feed {
    /** The result that holds the tokens chosen. */
    static final String IDS = "ids";

    /** Stands for the token that the program chose last. */
    private static final int CHOSEN = -1;

    private final int[][] prompts;
    private final List<List<Integer>> generated;
    private int fed;
    private int taken;

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
    public Map<String, HostTensor> arguments(Bundle.Program program, int call) {
      int[][] ids = new int[prompts.length][1];
      int[][] positions = new int[prompts.length][1];
      for (int b = 0; b < prompts.length; b++) {
        ids[b][0] = fed < prompts[b].length ? prompts[b][fed] : CHOSEN;
        positions[b][0] = fed;
      }
      fed++;
      return Map.of(
          TokenBatch.INPUT_IDS, HostTensor.of(ids), TokenBatch.POSITIONS, HostTensor.of(positions));
    }

    @Override
    public void take(Results results) {
      int[] ids = results.get(IDS).ints();
      for (int b = 0; b < prompts.length; b++) {
        if (taken >= prompts[b].length - 1) generated.get(b).add(ids[b]);
      }
      taken++;
    }

    @Override
    public Optional<Float> loss() {
      return Optional.empty();
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

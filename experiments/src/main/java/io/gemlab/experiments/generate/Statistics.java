package io.gemlab.experiments.generate;

import io.gemlab.experiments.run.MemoryWatch;
import io.gemlab.graph.generate.Answer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What loading and answering took, in time and memory. */
public final class Statistics implements AutoCloseable {
  private final MemoryWatch memory = new MemoryWatch();
  private final long begun = System.nanoTime();
  private final PrintWriter err;

  public Statistics(PrintWriter err) {
    this.err = err;
  }

  /** Says what there is to say once the model is loaded. */
  public void loaded() {
    err.printf("loaded in %.1f s, with %s%n", seconds(System.nanoTime() - begun), memory());
  }

  /** Says how fast the answers to one or more prompts came that were given together. */
  public void answered(List<Answer> answers) {
    int prompt = answers.stream().mapToInt(answer -> answer.timing().promptTokens()).sum();
    int tokens = answers.stream().mapToInt(answer -> answer.tokens().ids().length).sum();
    int cached = answers.stream().mapToInt(answer -> answer.timing().cachedTokens()).sum();
    double first = longest(answers.stream().map(answer -> answer.timing().firstToken()).toList());
    double rest = longest(answers.stream().map(answer -> answer.timing().rest()).toList());
    err.printf(
        "first token after %.2f s, %d prompt tokens at %.1f a second%s%n",
        first,
        prompt - cached,
        (prompt - cached) / first,
        cached == 0 ? "" : ", and %d already in the cache".formatted(cached));
    int later = tokens - answers.size();
    if (later > 0) {
      err.printf("%d tokens more in %.2f s, %.2f a second%n", later, rest, later / rest);
    }
    err.printf("ended by %s%n", endings(answers));
    err.printf("used %s%n", memory());
  }

  /** Why the answers ended: a word for one, and how many of each for several. */
  private static String endings(List<Answer> answers) {
    if (answers.size() == 1) return answers.getFirst().tokens().finish().label();
    return answers.stream()
        .collect(
            Collectors.groupingBy(
                answer -> answer.tokens().finish().label(), TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(ending -> ending.getKey() + " " + ending.getValue())
        .collect(Collectors.joining(", "));
  }

  private String memory() {
    return "at most %.2f GB anonymous memory and %.2f GB mapped pages"
        .formatted(memory.anonymous() / 1e9, memory.mapped() / 1e9);
  }

  private static double longest(List<Duration> durations) {
    return durations.stream().mapToLong(Duration::toNanos).max().orElse(0) / 1e9;
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  @Override
  public void close() {
    memory.close();
  }
}

package io.gemlab.experiments.ablate.run;

import io.gemlab.experiments.ablate.recipe.AblationRecipe;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A part of an ablation, for one of several processes or machines: every so-manieth seed, of which
 * it trains all arms, so that arms that are compared were trained by one machine. The first shard
 * also does all timing, and compares logits.
 *
 * @param number from 1
 * @param count of all shards
 */
public record Shard(int number, int count) {
  /** All of an ablation. */
  public static final Shard WHOLE = new Shard(1, 1);

  private static final String FOLDER = "shards";
  private static final Pattern WORDS = Pattern.compile("(\\d{1,4})/(\\d{1,4})");
  private static final Pattern NAME = Pattern.compile("(\\d{1,4})-of-(\\d{1,4})");

  public Shard {
    if (number < 1 || number > count) {
      throw new InvalidInput(
          "--shard is %d/%d; give one from 1/%2$d to %2$d/%2$d".formatted(number, count));
    }
  }

  /**
   * Reads {@code 1/4}.
   *
   * @throws InvalidInput if it is no shard
   */
  public static Shard of(String words) {
    Matcher matcher = WORDS.matcher(words);
    if (matcher.matches()) return of(matcher);
    throw new InvalidInput(
        "--shard is "
            + InvalidInput.shown(words)
            + "; give its number and how many there are: 1/4");
  }

  private static Shard of(Matcher matcher) {
    return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /**
   * The shards that have a folder in a study's folder, the first one first.
   *
   * @throws InvalidInput if their counts differ
   */
  public static List<Shard> in(Path study) {
    Path folder = study.resolve(FOLDER);
    if (!Files.isDirectory(folder)) return List.of();
    try (Stream<Path> entries = Files.list(folder)) {
      List<Shard> shards =
          entries
              .map(entry -> named(entry.getFileName().toString()))
              .flatMap(Optional::stream)
              .sorted(Comparator.comparing(Shard::count).thenComparing(Shard::number))
              .toList();
      if (shards.stream().map(Shard::count).distinct().count() > 1) {
        throw new InvalidInput(
            folder + " has shards of different counts; keep those of one count in it");
      }
      return shards;
    } catch (IOException e) {
      throw InvalidInput.unreadable(folder, e);
    }
  }

  private static Optional<Shard> named(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? Optional.of(of(matcher)) : Optional.empty();
  }

  public boolean isWhole() {
    return count == 1;
  }

  /** Where its recipe and records are. */
  public Path folder(Path study) {
    return isWhole() ? study : study.resolve(FOLDER).resolve("%d-of-%d".formatted(number, count));
  }

  /**
   * Checks that there is something to train for every shard.
   *
   * @throws InvalidInput if there are fewer seeds
   */
  public void requireSeeds(AblationRecipe recipe) {
    int seeds = recipe.training().map(training -> training.seeds().size()).orElse(1);
    if (count <= seeds) return;
    throw new InvalidInput(
        "--shard is %s, and the recipe has %d seeds; give as many shards as seeds, or fewer"
            .formatted(this, seeds));
  }

  /** Its part of what there is one of for each seed, in the order of the recipe's seeds. */
  public <T> List<T> of(List<T> bySeed) {
    return IntStream.range(0, bySeed.size())
        .filter(place -> place % count == number - 1)
        .mapToObj(bySeed::get)
        .toList();
  }

  /** All shards of its count. */
  public List<Shard> all() {
    return IntStream.rangeClosed(1, count).mapToObj(other -> new Shard(other, count)).toList();
  }

  /** The one that does what is not divided. */
  public Shard first() {
    return new Shard(1, count);
  }

  /** Whether it does what is not divided: timing, and the comparison of logits. */
  public boolean hasUndivided() {
    return number == 1;
  }

  @Override
  public String toString() {
    return number + "/" + count;
  }
}

package io.gemlab.graph.base.text;

import static io.gemlab.graph.base.input.InvalidInput.shown;

import io.gemlab.graph.base.input.InvalidInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The tokens that steer a model, such as {@code <end_of_turn>}, by their spellings, and the cutting
 * of text so that none of them is left in it whole.
 *
 * <p>A text is cut behind the first character of every spelling found. The parts are encoded on
 * their own, so no token can span a cut, and a tokenizer that only matches what is there can't make
 * a control token of them. Text without such a spelling is not cut at all, so its tokens are the
 * same as ever.
 */
record ControlTokens(Set<String> spellings) {
  /**
   * @param file the tokenizer's, for messages
   * @throws InvalidInput if a spelling is shorter than two characters: it could not be cut
   */
  static ControlTokens of(Path file, Collection<String> spellings) {
    for (String spelling : spellings) {
      if (spelling.codePointCount(0, spelling.length()) < 2) {
        throw new InvalidInput(
            "%s: the control token %s can't be told from text: give it two characters or more"
                .formatted(file, shown(spelling)));
      }
    }
    return new ControlTokens(Set.copyOf(spellings));
  }

  /** The parts of {@code text}, in order, none of which spells a control token. */
  List<String> cut(String text) {
    SortedSet<Integer> cuts = new TreeSet<>();
    for (String spelling : spellings) {
      for (int at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1)) {
        cuts.add(text.offsetByCodePoints(at, 1));
      }
    }
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int cut : cuts) {
      parts.add(text.substring(start, cut));
      start = cut;
    }
    parts.add(text.substring(start));
    return parts;
  }
}

package io.gemlab.experiments.eval.request;

import io.gemlab.experiments.eval.task.TextRequest;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.jinja.PythonText;
import io.gemlab.graph.score.TokenRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Texts to token ids as lm-evaluation-harness 0.4.13 does it. Not for several threads at once.
 *
 * <p>White space at a context's end moves to the continuation. Both are encoded together and cut at
 * the number of tokens that the context alone has, so that of a piece across the border the context
 * gets the first token. What is longer than the model reads loses its left part, BOS too.
 */
public final class RequestEncoder {
  private final Tokenizer tokenizer;
  private final boolean bos;
  private final int maxLength;
  private final Windows windows;

  /** The context encoded last: the choices of a question share it. */
  private String context = "";

  private int[] contextIds = {};

  /**
   * @param bos whether BOS is put in front, once
   * @param maxLength tokens that the model reads at most
   */
  public RequestEncoder(Tokenizer tokenizer, boolean bos, int maxLength, Windows windows) {
    this.tokenizer = tokenizer;
    this.bos = bos;
    this.maxLength = maxLength;
    this.windows = windows;
  }

  /**
   * @throws InvalidInput if there is nothing to score, or more than the model reads at once
   */
  public EncodedRequest encode(TextRequest request) {
    return switch (request) {
      case TextRequest.Continuation(String before, String continuation) ->
          pair(before, continuation);
      case TextRequest.Whole(String text) -> windows(text);
      case TextRequest.Completion completion -> {
        int[] ids = encode(completion.context());
        int room = maxLength - completion.generation().maxNewTokens();
        if (room <= 0) {
          throw new InvalidInput(
              "%d tokens are to be generated and the model reads %d; ask for fewer, or give a larger --max-length"
                  .formatted(completion.generation().maxNewTokens(), maxLength));
        }
        yield new EncodedRequest.Generated(
            last(ids, room), completion.generation(), ids.length > room);
      }
    };
  }

  private EncodedRequest pair(String before, String continuation) {
    String kept = PythonText.rstrip(before);
    String scored = before.substring(kept.length()) + continuation;
    int[] first = before.isEmpty() ? new int[] {prefix()} : context(kept);
    int[] second =
        before.isEmpty()
            ? tokenizer.encode(continuation)
            : behind(encode(kept + scored), first.length);
    if (before.isEmpty() && second.length > 0 && second[0] == prefix()) {
      second = behind(second, 1); // it is the context already
    }
    if (first.length == 0) first = new int[] {prefix()};
    return cut(first, second, continuation);
  }

  private EncodedRequest cut(int[] context, int[] continuation, String text) {
    if (continuation.length == 0) {
      throw new InvalidInput(
          "the text %s adds no token to what stands before it, so there is nothing to score"
              .formatted(InvalidInput.shown(text)));
    }
    if (continuation.length > maxLength) {
      throw new InvalidInput(
          "%s has %d tokens, all to be scored, and the model reads %d; give a larger --max-length"
              .formatted(InvalidInput.shown(text), continuation.length, maxLength));
    }
    int room = maxLength + 1 - continuation.length;
    return new EncodedRequest.Scored(
        List.of(new TokenRequest(last(context, room), continuation)), context.length > room);
  }

  private EncodedRequest windows(String text) {
    boolean once = windows == Windows.BOS && bos;
    int[] ids = once ? behind(encode(text), 1) : encode(text);
    if (ids.length == 0) {
      throw new InvalidInput("a text to be scored has no tokens; leave the document out");
    }
    List<TokenRequest> parts = new ArrayList<>();
    for (int from = 0; from < ids.length; from += maxLength) {
      int to = Math.min(ids.length, from + maxLength);
      int[] before =
          from == 0 || once
              ? new int[] {prefix()}
              // A last window that is shorter has its full length before it.
              : Arrays.copyOfRange(ids, to - maxLength - 1, from);
      parts.add(new TokenRequest(before, Arrays.copyOfRange(ids, from, to)));
    }
    return new EncodedRequest.Scored(parts, false);
  }

  private int[] context(String text) {
    if (!text.equals(context) || contextIds.length == 0) {
      context = text;
      contextIds = encode(text);
    }
    return contextIds;
  }

  private int[] encode(String text) {
    return bos ? tokenizer.encodePrompt(text) : tokenizer.encode(text);
  }

  /** What stands before a text where nothing does: BOS, or the end of another text. */
  private int prefix() {
    OptionalInt bosId = tokenizer.specialIds().bos();
    if (bosId.isPresent()) return bosId.getAsInt();
    return tokenizer
        .specialIds()
        .eos()
        .orElseThrow(
            () ->
                new InvalidInput(
                    "the tokenizer has neither BOS nor EOS to stand before a text; name them in"
                        + " tokenizer_config.json"));
  }

  private static int[] last(int[] ids, int count) {
    return Arrays.copyOfRange(ids, Math.max(0, ids.length - count), ids.length);
  }

  private static int[] behind(int[] ids, int count) {
    return Arrays.copyOfRange(ids, Math.min(count, ids.length), ids.length);
  }
}

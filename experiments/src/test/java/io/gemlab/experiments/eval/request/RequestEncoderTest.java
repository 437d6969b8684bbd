package io.gemlab.experiments.eval.request;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.eval.task.GenerationSpec;
import io.gemlab.experiments.eval.task.TaskData;
import io.gemlab.experiments.eval.task.TaskFiles;
import io.gemlab.experiments.eval.task.TaskItem;
import io.gemlab.experiments.eval.task.TaskPrompts;
import io.gemlab.experiments.eval.task.TextRequest;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.text.Tokenizer;
import io.gemlab.graph.base.text.Tokenizers;
import io.gemlab.graph.score.TokenRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestEncoderTest {
  private static final Tokenizer TOKENIZER =
      Tokenizers.open(GoldenFiles.of("tokenizer/tokenizer_tiny.model"));

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  /** The ids of all requests that lm-eval's HFLM made of two tasks, one after the other. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void idsAreLmEvals(boolean bos) {
    JsonNode golden =
        JsonFile.readObject(GoldenFiles.of("golden/lmeval_requests.json"))
            .get(bos ? "bos" : "no_bos");
    RequestEncoder encoder = encoder(bos, 1024, Windows.BOS);
    List<TokenRequest> encoded = new ArrayList<>();
    for (String task : List.of("golden_hs", "golden_arc")) {
      Path file = GoldenFiles.of("eval/lmeval/" + task + ".yaml");
      var spec = TaskFiles.open(List.of(file.toString())).tasks().getFirst();
      TaskData data = TaskData.read(spec, Optional.of(file.getParent()));
      for (TaskItem item : new TaskPrompts(spec, data, 0).items(99)) {
        for (TextRequest request : item.requests())
          encoded.add(scored(encoder, request).getFirst());
      }
    }
    assertEquals(golden.size(), encoded.size());
    for (int i = 0; i < encoded.size(); i++) {
      assertArrayEquals(ints(golden.get(i).get("context")), encoded.get(i).context());
      assertArrayEquals(ints(golden.get(i).get("continuation")), encoded.get(i).continuation());
    }
  }

  /** Blanks and newlines at a context's end are the continuation's, once. */
  @Test
  void whiteSpaceMovesToTheContinuation() {
    RequestEncoder encoder = encoder(true, 1024, Windows.BOS);
    TokenRequest moved = scored(encoder, "Thou art \n ", "mad").getFirst();
    assertArrayEquals(TOKENIZER.encodePrompt("Thou art"), moved.context());
    int[] both = TOKENIZER.encodePrompt("Thou art \n mad");
    assertArrayEquals(
        Arrays.copyOfRange(both, moved.context().length, both.length), moved.continuation());
  }

  /** Before nothing stands BOS; a text that spells it has it once. */
  @Test
  void bosComesOnce() {
    RequestEncoder encoder = encoder(true, 1024, Windows.BOS);
    TokenRequest alone = scored(encoder, "", "Thou").getFirst();
    assertArrayEquals(new int[] {2}, alone.context());
    assertArrayEquals(TOKENIZER.encode("Thou"), alone.continuation());
    assertArrayEquals(new int[] {2}, scored(encoder, "  ", "Thou").getFirst().context());
    RequestEncoder without = encoder(false, 1024, Windows.BOS);
    assertArrayEquals(
        TOKENIZER.encode("Thou"), scored(without, "Thou", " art").getFirst().context());
    assertArrayEquals(new int[] {2}, scored(without, "", "Thou").getFirst().context());
  }

  @Test
  void whatIsTooLongLosesItsLeftPart() {
    RequestEncoder encoder = encoder(true, 6, Windows.BOS);
    TextRequest request = new TextRequest.Continuation("to be or not to be, that is", " it");
    EncodedRequest.Scored cut = (EncodedRequest.Scored) encoder.encode(request);
    TokenRequest whole = scored(encoder(true, 1024, Windows.BOS), request).getFirst();
    TokenRequest kept = cut.parts().getFirst();
    assertTrue(cut.cut());
    assertArrayEquals(whole.continuation(), kept.continuation());
    assertEquals(7, kept.context().length + kept.continuation().length);
    int[] context = whole.context();
    assertArrayEquals(
        Arrays.copyOfRange(context, context.length - kept.context().length, context.length),
        kept.context());
    assertFalse(encoder(true, 1024, Windows.BOS).encode(request).cut());
    GenerationSpec generation = new GenerationSpec(List.of(), 4, 0, 0, 1);
    EncodedRequest.Generated prompt =
        (EncodedRequest.Generated)
            encoder.encode(new TextRequest.Completion("to be or not to be", generation));
    assertEquals(2, prompt.prompt().length);
  }

  @Test
  void whatCantBeScoredIsSaid() {
    RequestEncoder encoder = encoder(true, 6, Windows.BOS);
    for (TextRequest request :
        List.of(
            new TextRequest.Continuation("to be", ""),
            new TextRequest.Continuation("to", " be or not to be, that is the question"),
            new TextRequest.Whole(""),
            new TextRequest.Completion("to", new GenerationSpec(List.of(), 6, 0, 0, 1)))) {
      InvalidInput e = assertThrows(InvalidInput.class, () -> encoder.encode(request));
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  /** Every token of a text once, by lm-eval's windows and by those that begin with BOS. */
  @ParameterizedTest
  @CsvSource({"1", "7", "8", "9", "20", "64"})
  void windowsCoverATextOnce(int maxLength) {
    String text = "to be or not to be, that is the question: whether 'tis nobler in the mind";
    int[] ids = TOKENIZER.encode(text);
    List<TokenRequest> bos =
        scored(encoder(true, maxLength, Windows.BOS), new TextRequest.Whole(text));
    assertArrayEquals(ids, joined(bos));
    bos.forEach(each -> assertArrayEquals(new int[] {2}, each.context()));
    List<TokenRequest> lmEval =
        scored(encoder(true, maxLength, Windows.LM_EVAL), new TextRequest.Whole(text));
    assertArrayEquals(TOKENIZER.encodePrompt(text), joined(lmEval)); // its BOS is scored too
    assertArrayEquals(new int[] {2}, lmEval.getFirst().context());
    for (TokenRequest window : lmEval.subList(1, lmEval.size())) {
      assertEquals(maxLength + 1, window.context().length + window.continuation().length);
    }
  }

  private static int[] joined(List<TokenRequest> windows) {
    return windows.stream().flatMapToInt(each -> Arrays.stream(each.continuation())).toArray();
  }

  private static RequestEncoder encoder(boolean bos, int maxLength, Windows windows) {
    return new RequestEncoder(TOKENIZER, bos, maxLength, windows);
  }

  private static List<TokenRequest> scored(
      RequestEncoder encoder, String context, String continuation) {
    return scored(encoder, new TextRequest.Continuation(context, continuation));
  }

  private static List<TokenRequest> scored(RequestEncoder encoder, TextRequest request) {
    return ((EncodedRequest.Scored) encoder.encode(request)).parts();
  }

  private static int[] ints(JsonNode list) {
    int[] ints = new int[list.size()];
    for (int i = 0; i < ints.length; i++) ints[i] = list.get(i).intValue();
    return ints;
  }
}

package io.gemlab.experiments.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ChatMessage;
import io.gemlab.graph.decode.FinishReason;
import io.gemlab.graph.generate.Answer;
import io.gemlab.graph.generate.Gemma2;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.LoadOptions;
import io.gemlab.graph.path.session.GraphPath;
import io.gemlab.ops.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(6).ignoringEos();

  @TempDir static Path folder;
  private static Gemma2 gemma;

  @BeforeAll
  static void load() throws IOException {
    Path checkpoint = GoldenFiles.checkpointWithTokenizer(folder);
    gemma =
        Gemma2.load(
            checkpoint,
            LoadOptions.defaults().withPrecision(Precision.FLOAT32).withPath(new GraphPath()));
  }

  @AfterAll
  static void close() {
    gemma.close();
  }

  private final List<String> pieces = new ArrayList<>();

  @Test
  void whatWasSaidIsRememberedUntilReset() {
    Conversation conversation = new Conversation(gemma, List.of(), OPTIONS);
    Answer first = conversation.say("the king", pieces::add);
    assertEquals(first.text(), String.join("", pieces));
    Answer second = conversation.say("the king", pieces::add);
    assertTrue(
        second.timing().promptTokens()
            > first.timing().promptTokens() + first.tokens().ids().length,
        "the first question and its answer stand before the second");
    conversation.reset();
    assertEquals(first.text(), conversation.say("the king", pieces::add).text());
  }

  @Test
  void whatStandsBeforeTheFirstMessageOutlivesReset() {
    List<ChatMessage> opening = List.of(ChatMessage.user("be brief"), ChatMessage.model("yes"));
    Conversation conversation = new Conversation(gemma, opening, OPTIONS);
    int with = conversation.say("the king", pieces::add).timing().promptTokens();
    conversation.reset();
    assertEquals(with, conversation.say("the king", pieces::add).timing().promptTokens());
    int without =
        new Conversation(gemma, List.of(), OPTIONS)
            .say("the king", pieces::add)
            .timing()
            .promptTokens();
    assertTrue(with > without);
  }

  @Test
  void anInterruptedAnswerIsRememberedAsFarAsItCame() {
    Conversation conversation = new Conversation(gemma, List.of(), OPTIONS.withMaxNewTokens(40));
    Answer answer = conversation.say("the king", piece -> conversation.interrupt());
    assertEquals(FinishReason.CANCELLED, answer.tokens().finish());
    assertNotEquals("", answer.text());
    Answer next = conversation.say("the king", pieces::add);
    assertEquals(FinishReason.LENGTH, next.tokens().finish(), "an interruption counts once");
  }

  @Test
  void whatIsTooLongLeavesTheConversationAsItWas() {
    Conversation conversation = new Conversation(gemma, List.of(), OPTIONS);
    Answer first = conversation.say("the king", pieces::add);
    assertThrows(
        InvalidInput.class, () -> conversation.say("the king of the sea ".repeat(99), pieces::add));
    Answer after = conversation.say("a", pieces::add);
    Conversation same = new Conversation(gemma, List.of(), OPTIONS);
    assertEquals(first.text(), same.say("the king", pieces::add).text());
    assertEquals(same.say("a", pieces::add).timing().promptTokens(), after.timing().promptTokens());
  }
}

package io.gemlab.experiments.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import io.gemlab.graph.base.text.ChatMessage;
import io.gemlab.graph.generate.GenerationOptions;
import io.gemlab.graph.generate.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's client of OpenAI talks with a checkpoint through the server. */
@Timeout(120)
class LangChain4jTest {
  @TempDir static Path folder;
  private static ServedModel served;

  @BeforeAll
  static void start() throws IOException {
    served = ServedModel.of(ServedModel.checkpoint(folder));
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static final List<dev.langchain4j.data.message.ChatMessage> SAID =
      List.of(
          UserMessage.from("hello"),
          AiMessage.from("well"),
          UserMessage.from("where is the king?"));

  private static String expected() {
    Prompt prompt =
        Prompt.chat(
            List.of(
                ChatMessage.user("hello"),
                ChatMessage.model("well"),
                ChatMessage.user("where is the king?")));
    return served
        .gemma()
        .generate(prompt, GenerationOptions.defaults().withMaxNewTokens(14))
        .text();
  }

  @Test
  void chats() {
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .baseUrl(served.uri("/v1").toString())
            .apiKey("none")
            .modelName(ServedModel.NAME)
            .temperature(0.0)
            .maxTokens(14)
            .build();
    ChatResponse response = model.chat(SAID);
    assertEquals(expected(), response.aiMessage().text());
    assertEquals(FinishReason.LENGTH, response.finishReason());
    assertEquals(14, response.tokenUsage().outputTokenCount());
  }

  @Test
  void streams() throws Exception {
    OpenAiStreamingChatModel model =
        OpenAiStreamingChatModel.builder()
            .baseUrl(served.uri("/v1").toString())
            .apiKey("none")
            .modelName(ServedModel.NAME)
            .temperature(0.0)
            .maxCompletionTokens(14)
            .build();
    StringBuilder pieces = new StringBuilder();
    CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
    model.chat(
        SAID,
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String piece) {
            pieces.append(piece);
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            whole.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            whole.completeExceptionally(error);
          }
        });
    assertEquals(expected(), whole.get().aiMessage().text());
    assertEquals(expected(), pieces.toString());
    assertEquals(14, whole.get().tokenUsage().outputTokenCount());
  }

  /** What the template refuses comes back as the client's error, in the server's words. */
  @Test
  void isToldWhatCantBeDone() {
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .baseUrl(served.uri("/v1").toString())
            .apiKey("none")
            .modelName(ServedModel.NAME)
            .maxRetries(0)
            .frequencyPenalty(1.0)
            .build();
    RuntimeException refused =
        assertThrows(RuntimeException.class, () -> model.chat(SystemMessage.from("be brief")));
    assertTrue(refused.getMessage().contains("frequency_penalty"), refused.getMessage());
  }
}

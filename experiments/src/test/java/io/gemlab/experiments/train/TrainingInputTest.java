package io.gemlab.experiments.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.recipe.DataSpec;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.experiments.recipe.RowsSpec;
import io.gemlab.experiments.recipe.RowsSpec.Rows;
import io.gemlab.graph.base.batch.LabelledBatch;
import io.gemlab.graph.base.batch.Packing;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.ByteTokenizer;
import io.gemlab.graph.base.text.Corpus;
import io.gemlab.graph.base.text.PackedSequences;
import io.gemlab.graph.base.text.TokenFileWriter;
import io.gemlab.graph.base.text.TokenFileWriter.NamedTokenizer;
import io.gemlab.graph.base.text.TokenType;
import io.gemlab.graph.gemma2.config.ConfigJson;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.graph.gemma2.config.Gemma2Presets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingInputTest {
  private static final String GEMMALIKE =
      GoldenFiles.of("tokenizer/tokenizer_gemmalike.model").toString();
  private static final String CHAT = GoldenFiles.of("chat/gsm8k_sample.jsonl").toString();
  private static final Gemma2Config MODEL = config(8192);

  @TempDir Path folder;

  private static Gemma2Config config(int vocabulary) {
    return ConfigJson.read(Gemma2Presets.json("tiny").put("vocab_size", vocabulary), "tiny");
  }

  private static RowsSpec rows(Rows rows) {
    return new RowsSpec(rows, 1, Optional.empty());
  }

  private static TrainingInput open(String corpus, String tokenizer, int length, RowsSpec rows) {
    return TrainingInput.open(new DataSpec(corpus, tokenizer, 2, length), rows, 0.2, MODEL);
  }

  /** Ten documents of 12 tokens in bytes, BOS and EOS among them. */
  private String texts() throws IOException {
    Path lines = folder.resolve("texts.jsonl");
    Files.write(
        lines, IntStream.range(0, 10).mapToObj("{\"text\": \"document %d\"}"::formatted).toList());
    return lines + ":text";
  }

  @Test
  void aRunIsWhatAnAblationTrainsOn() {
    try (TrainingInput input = open("built-in", "bytes", 100, rows(Rows.RUN))) {
      PackedSequences packed = PackedSequences.of(Corpus.builtIn(), new ByteTokenizer(), 100, 0.2);
      assertEquals(packed.training().count(), input.training().count());
      assertEquals(packed.validation().count(), input.validation().count());
      assertArrayEquals(
          packed.validation().batch(3).tokens().inputIds(),
          input.validation().batch(3).tokens().inputIds());
      TrainingInput.Summary summary = input.summary();
      assertEquals(1, summary.documents());
      assertEquals(1, summary.bos());
      assertEquals(packed.tokens(), summary.tokens());
      assertEquals(100L * packed.training().count(), summary.scored());
      assertEquals(Corpus.builtIn().sha256(), summary.corpusSha256());
    }
  }

  @Test
  void documentsAreHeldOutWhole() throws IOException {
    try (TrainingInput input = open(texts(), "bytes", 30, rows(Rows.DOCUMENTS))) {
      assertEquals(4, input.training().count());
      assertEquals(1, input.validation().count());
      LabelledBatch validation = input.validation().batch(0);
      assertEquals(Packing.DOCUMENTS, validation.tokens().packing());
      assertEquals(2, validation.tokens().documents()[0][23]);
      assertEquals(22, validation.scored());
      assertEquals(10, input.summary().documents());
      assertEquals(10, input.summary().bos());
      assertEquals(8 * 11, input.summary().scored());
      assertEquals(List.of(), input.summary().notTrainedOn());
    }
    try (TrainingInput input = open(texts(), "bytes", 30, rows(Rows.PADDED))) {
      assertEquals(8, input.training().count());
      assertEquals(Packing.NONE, input.training().batch(0).tokens().packing());
    }
  }

  @Test
  void conversationsAreScoredWhereTheModelSpeaks() {
    try (TrainingInput input = open(CHAT, GEMMALIKE, 400, rows(Rows.DOCUMENTS))) {
      assertEquals(8, input.summary().documents());
      assertEquals(8, input.summary().bos());
      assertEquals("Gemma's chat template", input.summary().chatTemplate().orElseThrow());
      int[] all = IntStream.range(0, input.training().count()).toArray();
      LabelledBatch rows = input.training().batch(all);
      assertEquals(rows.scored(), input.summary().scored());
      assertEquals(
          7, Stream.of(rows.labels()).flatMapToInt(IntStream::of).filter(id -> id == 107).count());
    }
    try (TrainingInput input = open(CHAT, GEMMALIKE, 200, rows(Rows.PADDED))) {
      assertEquals(1, input.summary().notTrainedOn().size(), input.summary().toString());
      assertTrue(
          input
              .summary()
              .notTrainedOn()
              .getFirst()
              .endsWith("not one of their answers ends within a row"));
    }
    refused("rows: run cuts anywhere", () -> open(CHAT, GEMMALIKE, 400, rows(Rows.RUN)));
    refused(
        "have 32767 tokens at most", () -> open(CHAT, GEMMALIKE, 1 << 15, rows(Rows.DOCUMENTS)));
    refused("has no <start_of_turn>", () -> open(CHAT, "bytes", 4000, rows(Rows.PADDED)));
  }

  @Test
  void aTokenFileIsTheCorpusItWasMadeOf() throws IOException {
    Path file = folder.resolve("a.bin");
    Corpus corpus = DataSpec.openCorpus(texts());
    TokenFileWriter.write(
        corpus, new NamedTokenizer(new ByteTokenizer(), "bytes", ""), file, _ -> {});
    for (Rows kind : Rows.values()) {
      try (TrainingInput text = open(texts(), "bytes", 20, rows(kind));
          TrainingInput tokens = open(file.toString(), "bytes", 20, rows(kind))) {
        assertEquals(text.summary(), tokens.summary());
        int[] all = IntStream.range(0, text.training().count()).toArray();
        assertArrayEquals(
            text.training().batch(all).labels(), tokens.training().batch(all).labels());
      }
    }
    refused(
        "was made with another tokenizer (bytes)",
        () -> open(file.toString(), GEMMALIKE, 20, rows(Rows.RUN)));
    RowsSpec typed = new RowsSpec(Rows.RUN, 1, Optional.of(TokenType.UINT32));
    refused(
        "holds uint16 and the recipe says uint32", () -> open(file.toString(), "bytes", 20, typed));
    refused("token_type is of a token file", () -> open(texts(), "bytes", 20, typed));
  }

  /** The file, the position, the id and the vocabulary, before anything is trained. */
  @Test
  void idsAreCheckedAgainstTheModel() throws IOException {
    Path file = Files.write(folder.resolve("a.bin"), new byte[] {2, 0, 5, 0, 4, 1, 1, 0});
    RowsSpec typed = new RowsSpec(Rows.RUN, 1, Optional.of(TokenType.UINT16));
    DataSpec data = new DataSpec(file.toString(), "bytes", 1, 1);
    refused(
        "a.bin: token 2 (counted from 0) has the id 260, and the model's vocabulary has 260",
        () -> TrainingInput.open(data, typed, 0.5, config(260)));
    refused(
        "the tokenizer has 260 tokens and the model's vocab_size is 259",
        () -> TrainingInput.open(data, typed, 0.5, config(259)));
  }

  /** Tools that put an end behind texts and nothing in front of them make such files. */
  @Test
  void documentsThatStandByThemselvesBeginWithBos() throws IOException {
    Path file = folder.resolve("a.bin");
    byte[] ids = new byte[64];
    for (int at = 0; at < ids.length; at += 8) {
      ids[at] = (byte) (at == 8 ? 6 : 2);
      ids[at + 2] = 4;
      ids[at + 4] = 5;
      ids[at + 6] = 1;
    }
    Files.write(file, ids);
    RowsSpec.Rows[] apart = {Rows.DOCUMENTS, Rows.PADDED};
    for (Rows kind : apart) {
      refused(
          "a.bin: document 2 begins with the id 6 and not with the BOS token 2",
          () -> open(file.toString(), "bytes", 2, typed(kind)));
    }
    try (TrainingInput input = open(file.toString(), "bytes", 2, typed(Rows.RUN))) {
      assertEquals(7, input.summary().bos());
      assertEquals(8, input.summary().documents());
    }
  }

  private static RowsSpec typed(Rows rows) {
    return new RowsSpec(rows, 1, Optional.of(TokenType.UINT16));
  }

  @Test
  void whatIsTooShortIsRefused() throws IOException {
    String corpus = texts();
    refused(
        "too few for training and validation", () -> open(corpus, "bytes", 200, rows(Rows.RUN)));
    Path none = Files.createFile(folder.resolve("none.txt"));
    refused("0 documents, too few", () -> open(none.toString(), "bytes", 20, rows(Rows.DOCUMENTS)));
    Path one = folder.resolve("one.jsonl");
    Files.writeString(one, Files.readAllLines(Path.of(CHAT)).getFirst());
    refused(
        "has one conversation that fits",
        () -> open(one.toString(), GEMMALIKE, 400, rows(Rows.PADDED)));
  }

  @Test
  void theRecipesKeysAreRead() {
    ObjectNode json =
        JsonNodeFactory.instance.objectNode().put("rows", "documents").put("shuffle_seed", 3);
    RowsSpec spec = RowsSpec.of(new Fields("training", json));
    assertEquals(new RowsSpec(Rows.DOCUMENTS, 3, Optional.empty()), spec);
    assertEquals(json.toString(), spec.json().toString());
    json.put("token_type", "uint16");
    assertEquals(json.toString(), RowsSpec.of(new Fields("training", json)).json().toString());
    json.put("rows", "document");
    refused(
        "rows \"document\" is not known; did you mean documents?",
        () -> RowsSpec.of(new Fields("training", json)));
  }

  private static void refused(String reason, org.junit.jupiter.api.function.Executable action) {
    String message = assertThrows(InvalidInput.class, action).getMessage();
    assertTrue(message.contains(reason), message);
  }
}

package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.experiments.SmallModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
  @TempDir Path folder;

  /** A machine that runs these tests has a JDK, TensorFlow and XLA. */
  @Test
  void thisMachineIsHealthy() throws IOException {
    Path file = folder.resolve("doctor.json");
    Gemlab doctor = Gemlab.run("doctor", "--json", file);
    assertEquals(0, doctor.exitCode(), doctor.err() + doctor.out());
    JsonNode json = new JsonMapper().readTree(file.toFile());
    assertTrue(json.get("healthy").asBoolean());
    Map<String, JsonNode> bySubject = new HashMap<>();
    json.get("checks").forEach(check -> bySubject.put(check.get("subject").asText(), check));
    for (String needed : List.of("JDK", "TensorFlow", "XLA", "rates", "memory", "disk")) {
      assertEquals("ok", bySubject.get(needed).get("verdict").asText(), needed);
      assertTrue(doctor.out().contains(bySubject.get(needed).get("found").get(0).asText()), needed);
    }
    assertTrue(bySubject.containsKey("TPU plugin"), bySubject.keySet().toString());
  }

  @Test
  void aFolderThatIsNotThereIsRefusedFirst() {
    Gemlab doctor = Gemlab.run("doctor", "--json", folder.resolve("no/doctor.json"));
    assertEquals(2, doctor.exitCode());
    assertEquals(1, doctor.err().lines().count(), doctor.err());
  }

  @Test
  void tellsWhatACheckpointIsAndThatItLoads() throws IOException {
    Path checkpoint = SmallModel.checkpoint(folder);
    Path file = folder.resolve("doctor.json");
    Gemlab doctor = Gemlab.run("doctor", "--checkpoint", checkpoint, "--json", file);
    assertEquals(0, doctor.exitCode(), doctor.err() + doctor.out());
    for (String line :
        List.of(
            "holds one safetensors file, model.safetensors",
            "2 layers of size 32, 2 query heads and 1 key-value heads of 16",
            "260 tokens in the vocabulary, context 1024, sliding window 8",
            "all that config.json asks for",
            "float32: 0.1 MiB",
            "end tokens   1, from config.json",
            "none: the model takes token ids only",
            checkpoint + " loads")) {
      assertTrue(doctor.out().contains(line), line + " in " + doctor.out());
    }
    assertTrue(new JsonMapper().readTree(file.toFile()).get("healthy").asBoolean());
  }

  @Test
  void tellsWhyACheckpointDoesNotLoad() throws IOException {
    Path checkpoint = SmallModel.checkpoint(folder);
    Files.writeString(checkpoint.resolve("generation_config.json"), "{\"eos_token_id\": \"x\"}");
    Gemlab doctor = Gemlab.run("doctor", "--checkpoint", checkpoint);
    assertEquals(1, doctor.exitCode(), doctor.out());
    assertTrue(doctor.out().contains("eos_token_id is \"x\""), doctor.out());
    assertTrue(doctor.out().contains("loads for logits and training;"), doctor.out());

    Files.move(checkpoint.resolve("model.safetensors"), checkpoint.resolve("pytorch_model.bin"));
    doctor = Gemlab.run("doctor", "--checkpoint", checkpoint);
    assertEquals(1, doctor.exitCode(), doctor.out());
    assertTrue(doctor.out().contains("holds its weights as PyTorch's pickle"), doctor.out());
    assertTrue(doctor.out().contains(checkpoint + " does not load"), doctor.out());

    doctor = Gemlab.run("doctor", "--checkpoint", folder.resolve("nowhere"));
    assertEquals(2, doctor.exitCode(), doctor.out());
    assertEquals(1, doctor.err().lines().count(), doctor.err());
  }
}

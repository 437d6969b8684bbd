package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
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
}

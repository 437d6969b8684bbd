package io.gemlab.experiments.ablate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gemlab.experiments.ablate.run.Shard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which commands recipes/cluster starts, on a machine that is no cluster. */
class ClusterExamplesTest {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final Path EXAMPLES = CHECKOUT.resolve("recipes/cluster");

  @TempDir Path folder;
  private Path gemlab;

  @BeforeEach
  void standIn() throws IOException {
    gemlab = Files.writeString(folder.resolve("gemlab"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertTrue(gemlab.toFile().setExecutable(true));
  }

  @Test
  void aSlurmTaskMakesItsPartAndGoesOnWithIt() throws IOException {
    Path study = folder.resolve("a study");
    List<String> asked =
        List.of(
            "sh", EXAMPLES.resolve("slurm.sh").toString(), "r.yaml", study.toString(), "--verbose");
    Map<String, String> task = Map.of("SLURM_ARRAY_TASK_ID", "3");
    assertEquals(
        List.of(
            "ablate", "r.yaml", "--out", study.toString(), "--shard", "3/" + parts(), "--verbose"),
        run(asked, task));

    Path begun = study.resolve("shards/3-of-" + parts());
    Files.writeString(Files.createDirectories(begun).resolve("recipe.yaml"), "");
    assertEquals(List.of(new Shard(3, parts())), Shard.in(study), "the folder that is looked for");
    List<String> again = run(asked, task);
    assertEquals(List.of("--resume", "--verbose"), again.subList(again.size() - 2, again.size()));
  }

  /** The number of tasks that the array asks for. */
  private static int parts() throws IOException {
    Matcher array =
        Pattern.compile("#SBATCH --array=1-(\\d+)\n")
            .matcher(Files.readString(EXAMPLES.resolve("slurm.sh")));
    assertTrue(array.find());
    return Integer.parseInt(array.group(1));
  }

  @Test
  void aPodOfTheIndexedJobMakesItsPart() throws IOException {
    JsonNode job = new YAMLMapper().readTree(EXAMPLES.resolve("kubernetes.yaml").toFile());
    assertEquals("batch/v1 Job", job.path("apiVersion").asText() + " " + job.path("kind").asText());
    JsonNode spec = job.path("spec");
    assertEquals("Indexed", spec.path("completionMode").asText());
    JsonNode pod = spec.path("template").path("spec");
    assertEquals("Never", pod.path("restartPolicy").asText(), "backoffLimitPerIndex asks for it");
    JsonNode container = pod.path("containers").path(0);
    JsonNode parts = container.path("env").path(0);
    assertEquals("PARTS " + spec.path("completions").asText(), text(parts, "name", "value"));

    List<String> command =
        StreamSupport.stream(container.path("command").spliterator(), false)
            .map(JsonNode::asText)
            .toList();
    List<String> words =
        run(command, Map.of("JOB_COMPLETION_INDEX", "0", "PARTS", parts.path("value").asText()));
    assertEquals(
        List.of("ablate", "recipes/softcap-attention.yaml", "--out", "/studies/softcap"),
        words.subList(0, 4));
    assertEquals(
        List.of("--shard", "1/" + spec.path("completions").asText()),
        words.subList(4, words.size()));
    assertTrue(Files.exists(CHECKOUT.resolve(words.get(1))));
    assertEquals(
        container.path("volumeMounts").path(0).path("name").asText(),
        pod.path("volumes").path(0).path("name").asText());
  }

  private static String text(JsonNode node, String first, String second) {
    return node.path(first).asText() + " " + node.path(second).asText();
  }

  private List<String> run(List<String> command, Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
    builder.directory(CHECKOUT.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().put("GEMLAB", gemlab.toString());
    try {
      Process process = builder.start();
      return process.inputReader().lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

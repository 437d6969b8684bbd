package io.gemlab.experiments.eval.task;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PythonRandomTest {
  /** By the pool, by the set, one after the other from one stream. */
  @Test
  void drawsWhatPythonDraws() {
    JsonNode golden = EvalGolden.read().get("random");
    golden
        .properties()
        .forEach(
            each -> {
              List<Integer> asked =
                  List.of(each.getKey().split(" ")).stream().map(Integer::valueOf).toList();
              PythonRandom random = new PythonRandom(asked.get(0));
              List<Integer> population = IntStream.range(0, asked.get(1)).boxed().toList();
              for (JsonNode sample : each.getValue()) {
                assertEquals(
                    EvalGolden.integers(sample),
                    random.sample(population, asked.get(2)),
                    each.getKey());
              }
            });
  }
}

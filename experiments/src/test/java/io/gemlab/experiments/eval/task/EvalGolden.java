package io.gemlab.experiments.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.experiments.GoldenFiles;
import io.gemlab.graph.base.input.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What lm-evaluation-harness asks; make_eval_golden.py wrote it. */
public final class EvalGolden {
  private EvalGolden() {}

  static JsonNode read() {
    return JsonFile.readObject(GoldenFiles.of("eval/prompts_golden.json"));
  }

  /** Files in the layouts of Hugging Face's hub, with made-up documents. */
  public static Path data() {
    return GoldenFiles.of("eval/data");
  }

  static List<Integer> integers(JsonNode list) {
    List<Integer> integers = new ArrayList<>();
    list.forEach(each -> integers.add(each.intValue()));
    return integers;
  }
}

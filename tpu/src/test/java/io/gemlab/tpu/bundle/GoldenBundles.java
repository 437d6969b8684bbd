package io.gemlab.tpu.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.TestFiles;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.decode.ExportedDecode;
import io.gemlab.graph.gemma2.Depth;
import io.gemlab.graph.gemma2.ForwardPass;
import io.gemlab.graph.gemma2.Gemma2Model;
import io.gemlab.graph.gemma2.Golden;
import io.gemlab.graph.gemma2.OpChoice;
import io.gemlab.graph.gemma2.StateWeight;
import io.gemlab.graph.gemma2.WeightSpec;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.graph.train.AdamW;
import io.gemlab.graph.train.LearningRate;
import io.gemlab.graph.train.NextTokenLoss;
import io.gemlab.graph.train.TrainStep;
import io.gemlab.graph.train.TrainingLoss;
import io.gemlab.ops.attention.Attention;
import io.gemlab.ops.attention.BlockwiseAttention;
import io.gemlab.ops.attention.EagerAttention;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.export.HloExporter;
import io.gemlab.tpu.path.FunctionSignature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The golden model's programs as bundles. */
final class GoldenBundles {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Depth SCANNED = new Depth(Depth.Layers.SCANNED, Depth.Remat.LAYER);

  /** Hugging Face's in the golden training. */
  static final TrainStep.Optimizer OPTIMIZER =
      new TrainStep.Optimizer(
          new AdamW(0.9, 0.95, 1e-8, 0.01), LearningRate.constant(1e-3), OptionalDouble.empty());

  private GoldenBundles() {}

  /** Writes all bundles, and the ids that they are given, for {@code check_bundles.py}. */
  static void writeAll(Path folder) throws IOException {
    Files.createDirectories(folder);
    JsonNode inputs = JsonFile.readObject(TestFiles.golden("golden.json")).get("variants").get("A");
    Map<String, Object> ids = Map.of("input_ids", inputs.get("input_ids"));
    JSON.writeValue(folder.resolve("ids.json").toFile(), ids);
    Map<String, Object> prompts = Map.of("input_ids", Golden.prompts("A"));
    JSON.writeValue(folder.resolve("prompts.json").toFile(), prompts);
    for (Attention attention : List.of(new EagerAttention(), BlockwiseAttention.forDevices())) {
      String label = attention.label();
      prefill(folder, label + "_float32", model(attention, TFloat32.class, Depth.PLAIN));
      prefill(folder, label + "_bfloat16", model(attention, TBfloat16.class, Depth.PLAIN));
      var scanned = model(attention, TFloat32.class, SCANNED);
      write(folder, "train_" + label, train(scanned, 2, OPTIMIZER), scanned);
    }
    var plain = model(new EagerAttention(), TFloat32.class, Depth.PLAIN);
    write(folder, "decode", ExportedDecode.trace(plain, Golden.prompts("A").size(), 64), plain);
  }

  private static void prefill(Path folder, String name, Gemma2Model<?> model) {
    GraphFunction logits =
        new ForwardPass<>(model, 2, 24).trace("logits", ForwardPass.Returns.LOGITS_ONLY);
    write(folder, "logits_" + name, logits, model);
  }

  /** A training step on rows of 24 tokens. */
  static GraphFunction train(Gemma2Model<?> model, int rows, TrainStep.Optimizer optimizer) {
    return new TrainStep<>(model, new TrainingLoss.BatchShape(rows, 24), new NextTokenLoss())
        .trace("train", optimizer);
  }

  static <T extends TFloating> Gemma2Model<T> model(
      Attention attention, Class<T> type, Depth depth) {
    return new Gemma2Model<>(Golden.config("ckpt_f32"), OpChoice.of(attention), type, depth);
  }

  private static void write(
      Path folder, String name, GraphFunction function, Gemma2Model<?> model) {
    write(folder.resolve(name + ".bundle"), function, model, HloExporter.export(function), 1);
  }

  /** Writes a function, exported and perhaps partitioned, as a bundle; answers the file. */
  static Path write(
      Path file, GraphFunction function, Gemma2Model<?> model, HloModule program, int devices) {
    return write(
        file,
        model,
        List.of(new Bundle.Program(FunctionSignature.of(function), 1, program.toByteArray())),
        FunctionSignature.roles(function),
        devices);
  }

  /** Writes the programs of a step as a bundle; answers the file. */
  static Path write(
      Path file,
      Gemma2Model<?> model,
      List<Bundle.Program> programs,
      Map<String, StateRole> roles,
      int devices) {
    Map<String, List<String>> weights = new LinkedHashMap<>();
    for (StateWeight weight : model.weights()) {
      weights.put(weight.name(), weight.weights().stream().map(WeightSpec::name).toList());
    }
    String name = programs.getFirst().signature().name();
    new Bundle(
            new Bundle.About("test", "golden", name, "golden", 512, devices, "none", "none"),
            programs,
            roles,
            weights)
        .write(file);
    return file;
  }
}

package io.gemlab.tpu.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.device.ProgramSignature;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
  private static final TensorSpec STACK = spec("layers.0by2.up", ElementType.BF16, 2, 3, 4);
  private static final TensorSpec STEP = spec("optimizer/step", ElementType.F32);
  private static final TensorSpec NORM = spec("norm", ElementType.F32, 4);
  private static final TensorSpec MOMENT = spec("optimizer/exp_avg/norm", ElementType.F32, 4);
  private static final TensorSpec GRADIENT = spec("gradient/norm", ElementType.F32, 4);
  private static final TensorSpec KEYS = spec("cache/1x8/keys", ElementType.F32, 1, 2, 8, 4);

  private static final Map<String, StateRole> ROLES =
      Map.of(
          STACK.name(), StateRole.WEIGHT,
          STEP.name(), StateRole.STEP,
          NORM.name(), StateRole.WEIGHT,
          MOMENT.name(), StateRole.MOMENT,
          KEYS.name(), StateRole.CACHE,
          GRADIENT.name(), StateRole.GRADIENT);

  @TempDir Path folder;

  static Bundle bundle(int devices) {
    return new Bundle(
        new Bundle.About(
            "1", "tiny", "train", "tiny train", 260, devices, "v5e:1x1", "libtpu.so, PJRT 0.117"),
        List.of(
            new Bundle.Program(
                new ProgramSignature(
                    "train",
                    List.of(STACK, STEP, NORM, MOMENT, KEYS),
                    List.of(
                        spec("input_ids", ElementType.I32, 2, 5),
                        spec("labels", ElementType.I32, 2, 5)),
                    List.of(spec("loss", ElementType.F32)),
                    List.of(STEP.name(), STACK.name())),
                2,
                new byte[] {1, 2, 3}),
            new Bundle.Program(
                new ProgramSignature(
                    "update", List.of(STEP, GRADIENT), List.of(), List.of(), List.of(STEP.name())),
                1,
                new byte[] {4})),
        ROLES,
        Map.of("layers.0by2.up", List.of("layers.0.up", "layers.2.up"), "norm", List.of("norm")));
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    Path file = folder.resolve("a.bundle");
    Bundle written = bundle(1);
    written.write(file);
    Bundle read = Bundle.read(file);
    assertEquals(written.about(), read.about());
    for (int i = 0; i < 2; i++) {
      Bundle.Program want = written.programs().get(i);
      Bundle.Program got = read.programs().get(i);
      assertEquals(want.signature(), got.signature());
      assertEquals(want.calls(), got.calls());
      assertArrayEquals(want.hlo(), got.hlo());
    }
    assertEquals(List.of(STACK, STEP, NORM, MOMENT, KEYS, GRADIENT), read.state());
    assertEquals(ROLES, read.roles());
    assertEquals(written.weights(), read.weights());
    read.write(folder.resolve("b.bundle"));
    assertEquals(-1, Files.mismatch(file, folder.resolve("b.bundle")));
  }

  /** One program, and no roles: a state's name said what it is. */
  @Test
  void aBundleOfTheFirstFormatIsReadAsBefore() throws IOException {
    ObjectNode json = (ObjectNode) new JsonMapper().readTree(BundleJson.write(bundle(1)));
    ObjectNode program = (ObjectNode) json.remove("programs").get(0);
    program.remove("calls");
    program.get("state").forEach(state -> ((ObjectNode) state).remove("role"));
    json.put("format", 1).setAll(program);
    Bundle read = Bundle.read(whole(json.toString()));
    Map<String, StateRole> roles = new HashMap<>(ROLES);
    roles.remove(GRADIENT.name());
    assertEquals(roles, read.roles());
    assertEquals(1, read.programs().size());
    assertEquals(1, read.programs().getFirst().calls());
    assertEquals(
        bundle(1).programs().getFirst().signature(), read.programs().getFirst().signature());
  }

  @Test
  void checkpointHasTheTensorsThatAreStacked() {
    assertEquals(
        Map.of(
            "layers.0.up", TensorShape.of(3, 4),
            "layers.2.up", TensorShape.of(3, 4),
            "norm", TensorShape.of(4)),
        bundle(1).checkpointShapes());
  }

  @Test
  void weightsMustBeState() {
    Bundle good = bundle(1);
    for (Map<String, List<String>> wrong :
        List.of(
            Map.of("nothing", List.of("x")),
            Map.of("norm", List.<String>of()),
            Map.of("norm", List.of("a", "b")),
            Map.of(STEP.name(), List.of("a", "b")))) {
      assertRefused(good, ROLES, wrong);
    }
    assertRefused(good, Map.of(), good.weights());
    Map<String, StateRole> step = new HashMap<>(ROLES);
    step.put(STEP.name(), StateRole.WEIGHT);
    assertRefused(good, step, good.weights());
  }

  private static void assertRefused(
      Bundle good, Map<String, StateRole> roles, Map<String, List<String>> weights) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Bundle(good.about(), good.programs(), roles, weights),
        weights::toString);
  }

  @Test
  void whatIsNoBundleIsOneLine() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "not a zip");
    refused(folder.resolve("nowhere"), "does not exist");
    refused(folder, "does not exist");
    refused(text, "is no bundle (");
    refused(zip("other", "other.json", "{}"), "it has no bundle.json");
    refused(zip("half", "bundle.json", "{\"format\": 1}"), "it has no program.hlo.pb");
    refused(whole("{\"format\": 3}"), "has bundle format \"3\"");
    refused(whole("{\"format\": 2}"), "does not hold together");
    refused(whole("{\"format\": 1}"), "does not hold together");
    refused(whole("{\"format\": "), "is no bundle (");
    String json = new String(BundleJson.write(bundle(1)), StandardCharsets.UTF_8);
    refused(whole(json.replace("_output\" : 1", "_output\" : 7")), "does not hold together");
    refused(whole(json.replace("\"BF16\"", "\"BF17\"")), "does not hold together");
    refused(whole(json.replace("\"moment\"", "\"mood\"")), "an unknown role");
  }

  private static void refused(Path file, String reason) {
    InvalidInput wrong = assertThrows(InvalidInput.class, () -> Bundle.read(file));
    assertEquals(1, wrong.getMessage().lines().count());
    assertTrue(wrong.getMessage().contains(reason), wrong::getMessage);
  }

  private Path whole(String json) throws IOException {
    return zip(
        "whole",
        "bundle.json",
        json,
        "program.hlo.pb",
        "x",
        "train.hlo.pb",
        "x",
        "update.hlo.pb",
        "x");
  }

  private Path zip(String name, String... entries) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < entries.length; i += 2) {
        zip.putNextEntry(new ZipEntry(entries[i]));
        zip.write(entries[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }

  private static TensorSpec spec(String name, ElementType type, long... shape) {
    return new TensorSpec(name, type, TensorShape.of(shape));
  }
}

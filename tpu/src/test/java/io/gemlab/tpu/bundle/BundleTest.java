package io.gemlab.tpu.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
  private static final TensorSpec KEYS = spec("cache/1x8/keys", ElementType.F32, 1, 2, 8, 4);

  private static final Map<String, StateRole> ROLES =
      Map.of(
          STACK.name(), StateRole.WEIGHT,
          STEP.name(), StateRole.STEP,
          NORM.name(), StateRole.WEIGHT,
          MOMENT.name(), StateRole.MOMENT,
          KEYS.name(), StateRole.CACHE);

  @TempDir Path folder;

  static Bundle bundle(int devices) {
    return new Bundle(
        new Bundle.About(
            "1", "tiny", "train", "tiny train", 260, devices, "v5e:1x1", "libtpu.so, PJRT 0.117"),
        new ProgramSignature(
            "train",
            List.of(STACK, STEP, NORM, MOMENT, KEYS),
            List.of(
                spec("input_ids", ElementType.I32, 2, 5), spec("labels", ElementType.I32, 2, 5)),
            List.of(spec("loss", ElementType.F32)),
            List.of(STEP.name(), STACK.name())),
        ROLES,
        Map.of("layers.0by2.up", List.of("layers.0.up", "layers.2.up"), "norm", List.of("norm")),
        new byte[] {1, 2, 3});
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    Path file = folder.resolve("a.bundle");
    Bundle written = bundle(1);
    written.write(file);
    Bundle read = Bundle.read(file);
    assertEquals(written.about(), read.about());
    assertEquals(written.signature(), read.signature());
    assertEquals(ROLES, read.roles());
    assertEquals(written.weights(), read.weights());
    assertArrayEquals(written.hlo(), read.hlo());
    read.write(folder.resolve("b.bundle"));
    assertEquals(-1, Files.mismatch(file, folder.resolve("b.bundle")));
  }

  /** Those of versions that knew no roles said by its name what a state is. */
  @Test
  void aBundleWithoutRolesIsReadAsBefore() throws IOException {
    String json = new String(BundleJson.write(bundle(1)), StandardCharsets.UTF_8);
    String older = json.replaceAll(",\\s*\"role\" : \"[a-z]+\"", "");
    assertFalse(older.contains("role"), older);
    assertEquals(ROLES, Bundle.read(whole(older)).roles());
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
        () -> new Bundle(good.about(), good.signature(), roles, weights, good.hlo()),
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
    refused(whole("{\"format\": 2}"), "has bundle format \"2\"");
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
    return zip("whole", "bundle.json", json, "program.hlo.pb", "x");
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

package io.gemlab.experiments.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.doctor.Check.Verdict;
import io.gemlab.graph.path.ExecutionReport;
import io.gemlab.graph.path.KernelUse;
import io.gemlab.graph.path.product.ProductUse;
import io.gemlab.reports.record.CpuInfo;
import io.gemlab.tpu.pjrt.plugin.PluginKind;
import io.gemlab.tpu.pjrt.plugin.PluginSearch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the checks make of machines that this one is not. */
class ChecksTest {
  private static final long GIB = 1L << 30;

  @Test
  void theEnvironmentIsToldWhereItMatters() {
    assertEquals(
        Check.ok("environment", List.of("nothing that Gemlab has to work around")),
        EnvironmentCheck.of(Map.of("HOME", "/"), StandardCharsets.UTF_8, List.of()));
    Check container =
        EnvironmentCheck.of(
            Map.of(
                "GEMLAB_LOCALE", "xx_YY.UTF-8",
                "LC_ALL", "C.UTF-8",
                "_JAVA_OPTIONS", "-XX:+UseG1GC",
                "TPU_LIBRARY_PATH", ""),
            StandardCharsets.UTF_8,
            List.of("XLA_FLAGS: ..."));
    assertEquals(
        Check.ok(
            "environment",
            List.of(
                "the locale xx_YY.UTF-8 is ASCII or missing; Gemlab runs in C.UTF-8",
                "XLA_FLAGS: ...",
                "_JAVA_OPTIONS: Java runs with -XX:+UseG1GC",
                "TPU_LIBRARY_PATH is empty: as if it were not set")),
        container);
    assertEquals(
        Verdict.LIMITED,
        EnvironmentCheck.of(Map.of(), StandardCharsets.US_ASCII, List.of()).verdict());
  }

  @Test
  void anOldJdkIsMissing() {
    assertEquals(Verdict.OK, JavaCheck.of(Runtime.Version.parse("25.0.1"), "any").verdict());
    Check old = JavaCheck.of(Runtime.Version.parse("21.0.2"), "any");
    assertEquals(Verdict.MISSING, old.verdict());
    assertTrue(old.remedy().orElseThrow().contains("install JDK 25"), old.toString());
  }

  @Test
  void whatAProcessorLacksHasACost() {
    CpuInfo whole =
        new CpuInfo("new", List.of("amx_bf16", "avx2", "avx512_bf16", "avx512f", "avx512vl"));
    assertEquals(Verdict.OK, CpuCheck.of(whole, "amd64", 2).verdict());

    Check old = CpuCheck.of(new CpuInfo("old", List.of("avx", "avx2", "fma")), "amd64", 8);
    assertEquals(Verdict.LIMITED, old.verdict());
    assertEquals("old, 8 cores to use", old.found().getFirst());
    assertEquals("AVX2: yes", old.found().get(1));
    assertTrue(old.found().get(3).startsWith("bfloat16 (AVX-512): no; "), old.toString());

    Check arm = CpuCheck.of(new CpuInfo("arm", List.of("asimd", "bf16", "sve2")), "aarch64", 4);
    assertEquals(Verdict.OK, arm.verdict());
    assertEquals(Verdict.OK, CpuCheck.of(new CpuInfo("mac", List.of()), "aarch64", 4).verdict());
  }

  /** The published 2B model has 2,614,341,888 parameters: 4.87 GiB at 2 bytes, 43.83 at 18. */
  @Test
  void modelsFitWhereTheirBytesDo() {
    Check roomy = MemoryCheck.of(64 * GIB, 44 * GIB);
    assertEquals(Verdict.OK, roomy.verdict());
    assertEquals(
        "gemma2-2b   inference in bfloat16: 4.87 GiB, fits; training: 43.83 GiB, fits",
        roomy.found().get(1));
    String tight = MemoryCheck.of(64 * GIB, 43 * GIB).found().get(1);
    assertTrue(tight.endsWith("training: 43.83 GiB, does not fit"), tight);
    assertEquals(
        "tiny        inference in bfloat16: 1.9 MiB, fits; training: 17.5 MiB, fits",
        roomy.found().get(6));
    assertEquals(Verdict.MISSING, MemoryCheck.of(2 * GIB, GIB / 2).verdict());
  }

  @Test
  void aFullDiskIsMissing() {
    assertEquals(Verdict.OK, DiskCheck.of(Path.of("home"), 2 * GIB).verdict());
    assertEquals(Verdict.MISSING, DiskCheck.of(Path.of("home"), GIB - 1).verdict());
  }

  @Test
  void xlaIsThereWhereItCompiled() {
    assertEquals(
        Verdict.OK,
        XlaCheck.of(report("clustered", 7, 1), report("fused", 1, 1), Optional.empty()).verdict());
    Check none = XlaCheck.of(report("clustered", 13, 0), report("fused", 1, 1), Optional.empty());
    assertEquals(Verdict.LIMITED, none.verdict());
    assertTrue(none.found().getFirst().endsWith("XLA programs: 0"), none.toString());
    assertEquals(
        Verdict.LIMITED,
        XlaCheck.of(report("clustered", 7, 1), report("fused", 13, 0), Optional.empty()).verdict());
  }

  private static ExecutionReport report(String path, int executed, int clusters) {
    return new ExecutionReport(
        path,
        "f",
        13,
        executed,
        clusters,
        new KernelUse(0, 0, Optional.empty()),
        ProductUse.NONE,
        Duration.ZERO,
        List.of());
  }

  @Test
  void aPluginThatIsNotThereIsBroughtByItsRemedy() {
    Check absent =
        PluginCheck.of(new PluginSearch(PluginKind.TPU, List.of(Path.of("x")), Optional.empty()));
    assertEquals(Verdict.LIMITED, absent.verdict());
    assertEquals(PluginKind.TPU.remedy(), absent.remedy().orElseThrow());
    Path file = Path.of("libtpu.so");
    Check there =
        PluginCheck.of(new PluginSearch(PluginKind.TPU, List.of(file), Optional.of(file)));
    assertEquals(Verdict.OK, there.verdict());
    assertTrue(Doctor.healthy(List.of(absent, there)));
  }

  @Test
  void whatCantBeLoadedIsMissing() {
    Check broken =
        Check.trying(
            "TensorFlow",
            () -> {
              throw new UnsatisfiedLinkError("no jnitensorflow in java.library.path\nmore");
            },
            "build anew");
    assertEquals(
        Check.missing(
            "TensorFlow",
            List.of("UnsatisfiedLinkError: no jnitensorflow in java.library.path"),
            "build anew"),
        broken);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Check("x", Verdict.MISSING, List.of("none"), Optional.empty()));
  }
}

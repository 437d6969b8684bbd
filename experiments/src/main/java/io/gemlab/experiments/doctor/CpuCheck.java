package io.gemlab.experiments.doctor;

import io.gemlab.reports.record.CpuInfo;
import java.util.ArrayList;
import java.util.List;

/** The processor, and what the instructions that it lacks cost. */
final class CpuCheck {
  private static final String SUBJECT = "processor";

  /**
   * Instructions that matrix products are made of.
   *
   * @param name what people call them
   * @param feature how a name that Linux has for them begins
   * @param cost what their absence costs
   */
  private record Instructions(String name, String feature, String cost) {}

  private static final List<Instructions> X86 =
      List.of(
          new Instructions(
              "AVX2", "avx2", "vectors of 4 floats for 8: expect half the rate or less"),
          new Instructions(
              "AVX-512", "avx512f", "vectors of 8 floats for 16: expect up to half the rate"),
          new Instructions(
              "bfloat16 (AVX-512)",
              "avx512_bf16",
              "bfloat16 is converted to float32 and back: no faster than float32"),
          new Instructions(
              "AMX",
              "amx_bf16",
              "no tiles: with them bfloat16 products ran 7 times as fast as float32's on a Xeon"));

  private static final List<Instructions> ARM =
      List.of(
          new Instructions("SVE", "sve", "vectors of 4 floats, at most"),
          new Instructions(
              "bfloat16",
              "bf16",
              "bfloat16 is converted to float32 and back: no faster than float32"));

  private CpuCheck() {}

  static Check examine() {
    int cores = Runtime.getRuntime().availableProcessors();
    return of(CpuInfo.here(), System.getProperty("os.arch"), cores);
  }

  static Check of(CpuInfo cpu, String architecture, int cores) {
    List<String> found = new ArrayList<>();
    found.add(cpu.model() + ", " + cores + (cores == 1 ? " core" : " cores") + " to use");
    if (cpu.features().isEmpty()) {
      found.add("this system does not tell the processor's instructions");
      return Check.ok(SUBJECT, found);
    }
    boolean all = true;
    for (Instructions one : architecture.equals("aarch64") ? ARM : X86) {
      boolean has = cpu.features().stream().anyMatch(feature -> feature.startsWith(one.feature()));
      found.add(one.name() + ": " + (has ? "yes" : "no; " + one.cost()));
      all &= has;
    }
    return all
        ? Check.ok(SUBJECT, found)
        : Check.limited(
            SUBJECT,
            found,
            "none but another machine; compare --dtype float32 and bfloat16 by gemlab bench");
  }
}

package io.gemlab.reports.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CpuInfoTest {
  @Test
  void readsX86() {
    CpuInfo cpu =
        CpuInfo.parse(
            """
            processor\t: 0
            vendor_id\t: GenuineIntel
            model name\t: Intel(R) Xeon(R) Processor @ 2.60GHz
            flags\t\t: fpu sse sse4_2 fma avx2 avx512f amx_bf16 hypervisor avx512_bf16

            processor\t: 1
            model name\t: something else
            """);
    assertEquals("Intel(R) Xeon(R) Processor @ 2.60GHz", cpu.model());
    assertEquals(
        List.of("amx_bf16", "avx2", "avx512_bf16", "avx512f", "fma", "sse4_2"), cpu.features());
  }

  @Test
  void readsArm() {
    CpuInfo cpu =
        CpuInfo.parse(
            """
            processor\t: 0
            Features\t: fp asimd sve bf16 i8mm
            CPU implementer\t: 0x41
            CPU part\t: 0xd40
            """);
    assertEquals("ARM implementer 0x41 part 0xd40", cpu.model());
    assertEquals(List.of("asimd", "bf16", "i8mm", "sve"), cpu.features());
  }

  @Test
  void saysUnknownWhereNothingIsTold() {
    assertEquals(new CpuInfo("unknown", List.of()), CpuInfo.parse(""));
  }
}

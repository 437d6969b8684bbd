#!/usr/bin/env bash
# oneDNN 3.8.1 on a CPU: an 8-bit product whose result has a factor for each row is computed by the reference
# implementation, unless there is one row.
#
# One expects: activations rounded to 8 bits have a scale a row, as vLLM's and llama.cpp's have, and a post-op that multiplies
# a product's result by a tensor [M, 1] is as good as one by [1, N], the weights' scales.
# What is so: [1, N], [1, 1] and [M, N] keep the optimized implementation; [M, 1] has "ref", plain loops, as soon as M is
# above 1, and says so only in the implementation's name. To give the scales as such, with the first dimension in the mask
# of the source's scales, is refused. So it is with AVX2 and with each AVX-512 (ONEDNN_MAX_CPU_ISA). Of products of three
# dimensions uxlfoundation/oneDNN#1734 says it of 2.6 and 3.3.
#
# Seen on 29 November 2026 (needs Java 17 or later and Maven):
#   1 rows, no factor: optimized
#   1 rows, factors [1, 1]: optimized
#   1 rows, factors [1, N]: optimized
#   1 rows, factors [M, 1]: optimized
#   1 rows, factors [M, N]: optimized
#   1 rows, scales of source rows: refused
#   512 rows, no factor: optimized
#   512 rows, factors [1, 1]: optimized
#   512 rows, factors [1, N]: optimized
#   512 rows, factors [M, 1]: reference
#   512 rows, factors [M, N]: optimized
#   512 rows, scales of source rows: refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/pom.xml" <<'EOF'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.bytedeco</groupId>
      <artifactId>dnnl</artifactId>
      <version>3.8.1-1.5.12</version>
    </dependency>
    <dependency>
      <groupId>org.bytedeco</groupId>
      <artifactId>dnnl</artifactId>
      <version>3.8.1-1.5.12</version>
      <classifier>linux-x86_64</classifier>
    </dependency>
    <dependency>
      <groupId>org.bytedeco</groupId>
      <artifactId>opencl</artifactId>
      <version>3.0-1.5.13</version>
      <classifier>linux-x86_64</classifier>
    </dependency>
    <dependency>
      <groupId>org.bytedeco</groupId>
      <artifactId>javacpp</artifactId>
      <version>1.5.12</version>
      <classifier>linux-x86_64</classifier>
    </dependency>
  </dependencies>
</project>
EOF
cat > "$folder/Implementations.java" <<'EOF'
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.global.dnnl;

class Implementations {
  private static final long K = 512;
  private static final long N = 1024;

  private static memory.desc desc(long rows, long columns, memory.data_type type, memory.format_tag tag) {
    return new memory.desc(new long[] {rows, columns}, type, tag);
  }

  private static String of(long m, primitive_attr attributes) {
    try (engine cpu = new engine(engine.kind.cpu, 0)) {
      var product =
          new matmul.primitive_desc(
              cpu,
              desc(m, K, memory.data_type.s8, memory.format_tag.ab),
              desc(K, N, memory.data_type.s8, memory.format_tag.any),
              desc(m, N, memory.data_type.f32, memory.format_tag.ab),
              attributes,
              true);
      if (product.get(true) == null) return "refused";
      String name = product.impl_info_str().getString();
      return name.startsWith("ref") ? "reference" : "optimized";
    }
  }

  private static primitive_attr factor(long rows, long columns) {
    post_ops after = new post_ops();
    after.append_binary(
        dnnl.algorithm.binary_mul,
        desc(rows, columns, memory.data_type.f32, memory.format_tag.ab));
    primitive_attr attributes = new primitive_attr();
    attributes.set_post_ops(after);
    return attributes;
  }

  public static void main(String[] arguments) {
    for (long m : new long[] {1, 512}) {
      System.out.println(m + " rows, no factor: " + of(m, new primitive_attr()));
      System.out.println(m + " rows, factors [1, 1]: " + of(m, factor(1, 1)));
      System.out.println(m + " rows, factors [1, N]: " + of(m, factor(1, N)));
      System.out.println(m + " rows, factors [M, 1]: " + of(m, factor(m, 1)));
      System.out.println(m + " rows, factors [M, N]: " + of(m, factor(m, N)));
      primitive_attr scales = new primitive_attr();
      scales.set_scales_mask(dnnl.DNNL_ARG_SRC, 1);
      System.out.println(m + " rows, scales of source rows: " + of(m, scales));
    }
  }
}
EOF
mvn -q -B -f "$folder/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/jars" > "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 2; }
java -cp "$folder/jars/*" "$folder/Implementations.java" > "$folder/seen" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"

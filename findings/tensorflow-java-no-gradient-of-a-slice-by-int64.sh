#!/usr/bin/env bash
# TensorFlow Java 1.1.0 runs a slice whose begin and size are int64, and has no gradient of it.
#
# One expects: an op that runs with either type of index has a gradient with either, as tf.slice has in Python.
# What is so: the C++ gradient, which TensorFlow Java uses, subtracts the begin from a shape of int32, so that the
# types don't match and the graph with the gradient can't be built. With int32 indices it is right.
#
# Seen on 27 November 2026 (needs Java 17 or later, Maven and x86-64 Linux):
#   value by int32: [2.0, 3.0]
#   gradient by int32: [0.0, 1.0, 1.0, 0.0]
#   value by int64: [2.0, 3.0]
#   gradient by int64: Inconsistent values for attr 'T' DT_INT32 vs. DT_INT64
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
      <groupId>org.tensorflow</groupId>
      <artifactId>tensorflow-core-api</artifactId>
      <version>1.1.0</version>
    </dependency>
    <dependency>
      <groupId>org.tensorflow</groupId>
      <artifactId>tensorflow-core-native</artifactId>
      <version>1.1.0</version>
      <classifier>linux-x86_64</classifier>
    </dependency>
  </dependencies>
</project>
EOF
cat > "$folder/SliceGradient.java" <<'EOF'
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

class SliceGradient {
  public static void main(String[] arguments) {
    show("int32", tf -> tf.constant(new int[] {1}), tf -> tf.constant(new int[] {2}));
    show("int64", tf -> tf.constant(new long[] {1}), tf -> tf.constant(new long[] {2}));
  }

  interface Index<I extends TNumber> {
    Operand<I> in(Ops tf);
  }

  static <I extends TNumber> void show(String type, Index<I> begin, Index<I> size) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(new float[] {1, 2, 3, 4});
      Operand<TFloat32> y = tf.slice(x, begin.in(tf), size.in(tf));
      System.out.println("value by " + type + ": " + run(session, y.asOutput()));
      try {
        Output<?> dx = graph.addGradients(y.asOutput(), new Output<?>[] {x.asOutput()})[0];
        System.out.println("gradient by " + type + ": " + run(session, dx));
      } catch (RuntimeException e) {
        String message = e.getMessage();
        int at = message.indexOf("Inconsistent values");
        System.out.println(
            "gradient by " + type + ": " + message.substring(at, message.indexOf("DT_INT64") + 8));
      }
    }
  }

  static List<Float> run(Session session, Output<?> output) {
    try (var results = session.runner().fetch(output).run()) {
      TFloat32 values = (TFloat32) results.get(0);
      List<Float> all = new ArrayList<>();
      values.scalars().forEach(value -> all.add(value.getFloat()));
      return all;
    }
  }
}
EOF
mvn -q -B -f "$folder/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/jars" > "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 2; }
java -cp "$folder/jars/*" "$folder/SliceGradient.java" > "$folder/seen" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"

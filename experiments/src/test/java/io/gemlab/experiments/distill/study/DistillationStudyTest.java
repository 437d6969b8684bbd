package io.gemlab.experiments.distill.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Makes what docs/results/distillation.md says; {@code experiments/studies/distillation.sh} starts
 * it, and goes on with what an earlier start left.
 */
@Tag("slow")
class DistillationStudyTest {
  private static final String OUT = "GEMLAB_DISTILLATION_STUDY";

  @Test
  @EnabledIfEnvironmentVariable(named = OUT, matches = ".+")
  void theStudy() throws IOException {
    Path out = Files.createDirectories(Path.of(System.getenv(OUT)));
    Teachers teachers = new Teachers(out.resolve("teachers"));
    List<Offline> offline = offline(out, teachers);
    List<Online> online = online(out, teachers);
    Findings findings = new Findings(offline, online);
    Files.write(
        out.resolve("tables.md"),
        Stream.of(
                findings.arms(),
                findings.differences(),
                findings.onward(),
                findings.onwardDifferences())
            .flatMap(table -> Stream.concat(table.stream(), Stream.of("")))
            .toList());
    Files.writeString(out.resolve("distillation.svg"), findings.chart());
  }

  private static List<Offline> offline(Path out, Teachers teachers) throws IOException {
    Path records = out.resolve("distillation.csv");
    if (!Files.exists(records)) {
      OfflineStudy study = new OfflineStudy(out.resolve("offline"), teachers);
      List<Offline> students = new ArrayList<>();
      for (Size size : Size.values()) students.addAll(study.students(size));
      write(records, Offline.HEADER, students.stream().map(Offline::line));
    }
    return Files.readAllLines(records).stream().skip(1).map(Offline::of).toList();
  }

  private static List<Online> online(Path out, Teachers teachers) throws IOException {
    Path records = out.resolve("distillation-online.csv");
    if (!Files.exists(records)) {
      OnlineStudy study = new OnlineStudy(out.resolve("online"), teachers);
      write(records, Online.HEADER, study.students().stream().map(Online::line));
    }
    return Files.readAllLines(records).stream().skip(1).map(Online::of).toList();
  }

  private static void write(Path file, String header, Stream<String> lines) throws IOException {
    Files.write(file, Stream.concat(Stream.of(header), lines).toList());
  }
}

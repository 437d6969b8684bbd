package io.gemlab.experiments;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.gemlab.graph.generate.Gemma2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which way dependencies point; here, since this module sees all the others. */
class ArchitectureTest {
  private static final List<String> MODULES =
      List.of("ops", "graph", "tpu", "experiments", "reports");

  /** An import of a class of ours, or of a static member of one. */
  private static final Pattern IMPORT =
      Pattern.compile("import (?:static )?(io\\.gemlab(?:\\.[a-z0-9_]+)+\\.[A-Z]\\w*).*;");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.gemlab");

  @Test
  void everyModuleIsSeen() {
    for (String module : MODULES) {
      String root = "io.gemlab." + module;
      assertTrue(CLASSES.stream().anyMatch(seen -> seen.getPackageName().startsWith(root)), module);
    }
  }

  /** ops <- graph <- tpu <- experiments -> reports. */
  @ParameterizedTest
  @CsvSource({
    "ops,         ",
    "graph,       ops",
    "tpu,         ops graph",
    "experiments, ops graph tpu reports",
    "reports,     "
  })
  void modulesDependOneWay(String module, String allowed) {
    List<String> below = allowed == null ? List.of() : List.of(allowed.split(" "));
    String[] forbidden =
        MODULES.stream()
            .filter(other -> !other.equals(module) && !below.contains(other))
            .map(other -> "io.gemlab." + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage("io.gemlab." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .check(CLASSES);
  }

  /** Neither they nor what they use: they run where TensorFlow is not. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "reports",
        "graph.base",
        "tpu.pjrt",
        "tpu.device",
        "tpu.bundle",
        "experiments.merge"
      })
  void knowsNoTensorFlow(String room) {
    noClasses()
        .that()
        .resideInAPackage("io.gemlab." + room + "..")
        .should()
        .transitivelyDependOnClassesThat()
        .resideInAPackage("org.tensorflow..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /**
   * Nor do their sources: the compiler puts a constant's value where it is used, so that the class
   * files don't tell of it.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {"graph/base", "tpu/pjrt", "tpu/device", "tpu/bundle", "experiments/merge"})
  void importsNothingThatKnowsTensorFlow(String room) throws IOException {
    Path folder =
        Path.of("..", room.substring(0, room.indexOf('/')), "src/main/java/io/gemlab", room);
    List<Path> sources;
    try (Stream<Path> files = Files.walk(folder)) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    assertFalse(sources.isEmpty());
    for (Path source : sources) {
      for (String line : Files.readAllLines(source)) {
        Matcher imported = IMPORT.matcher(line);
        if (!imported.matches()) continue;
        JavaClass seen = CLASSES.get(imported.group(1));
        assertFalse(
            seen.getTransitiveDependenciesFromSelf().stream()
                .anyMatch(
                    used -> used.getTargetClass().getPackageName().startsWith("org.tensorflow")),
            () -> source + " imports " + seen.getName() + ", which knows TensorFlow");
      }
    }
  }

  /** What a command does must be callable without one. */
  @Test
  void onlyTheCommandLineKnowsFlagsAndTerminals() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.gemlab.experiments.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.gemlab.experiments.cli..", "picocli..", "org.jline..", "me.tongfei.progressbar..")
        .check(CLASSES);
  }

  /** Routes know requests and answers, and neither the model that gives them nor what runs it. */
  @Test
  void routesKnowNoModel() {
    noClasses()
        .that()
        .resideInAPackage("io.gemlab.experiments.serve.http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.gemlab.graph.gemma2..",
            "io.gemlab.graph.score..",
            "io.gemlab.graph.weights..",
            "io.gemlab.graph.trace..",
            "io.gemlab.graph.path..",
            "io.gemlab.ops..",
            "org.tensorflow..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Gemma2.class)
        .check(CLASSES);
  }

  /** What batches requests could be asked by another protocol. */
  @Test
  void onlyRoutesKnowHttp() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.gemlab.experiments.serve.http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.net.httpserver..", "java.net.http..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("io.gemlab.experiments.serve.batch..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.gemlab.experiments.serve.http..", "com.fasterxml..")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().assignedFrom(new Packages()).should().beFreeOfCycles().check(CLASSES);
  }

  /** Each package a slice, a module's root too. */
  private static final class Packages implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass seen) {
      String name = seen.getPackageName();
      return name.startsWith("io.gemlab.") ? SliceIdentifier.of(name) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages of Gemlab";
    }
  }
}

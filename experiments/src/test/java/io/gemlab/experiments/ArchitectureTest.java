package io.gemlab.experiments;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which way dependencies point; here, since this module sees all the others. */
class ArchitectureTest {
  private static final List<String> MODULES =
      List.of("ops", "graph", "tpu", "experiments", "reports");

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
        "graph.checkpoint",
        "graph.text",
        "graph.tensor",
        "tpu.pjrt",
        "tpu.device",
        "tpu.bundle"
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

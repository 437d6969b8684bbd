package io.gemlab.experiments.merge.method;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contracts, and what docs/merge.md says of them. */
class MergeMethodsTest {
  @Test
  void theDocsHaveEveryMethodWithItsParameters() throws IOException {
    String docs = Files.readString(Path.of("../docs/merge.md"));
    String missing = rows().filter(row -> !docs.contains(row)).collect(Collectors.joining("\n"));
    assertEquals("", missing, "docs/merge.md lacks rows");
  }

  private static Stream<String> rows() {
    return Stream.concat(
        MergeMethods.ALL.stream().map(method -> row(method.contract())),
        MergeMethods.ALL.stream()
            .flatMap(method -> method.contract().parameters().stream())
            .map(MergeMethodsTest::row)
            .distinct());
  }

  private static String row(Parameter parameter) {
    String whose =
        switch (parameter.scope()) {
          case MERGE -> "the merge";
          case MODEL -> "each model";
          case POINT -> "each point";
        };
    return "| `%s` | %s | %s | %s |"
        .formatted(parameter.name(), whose, parameter.wanted(), parameter.meaning());
  }

  private static String row(Contract contract) {
    return "| `%s` | %s | %s | %s |"
        .formatted(
            contract.name(),
            models(contract),
            switch (contract.base()) {
              case NONE -> "no";
              case OPTIONAL -> "may be";
              case REQUIRED -> "yes";
            },
            contract.parameters().stream()
                .map(MergeMethodsTest::text)
                .collect(Collectors.joining(", ")));
  }

  private static String models(Contract contract) {
    if (contract.most() == contract.fewest()) return String.valueOf(contract.fewest());
    return contract.fewest() + " or more";
  }

  /** The name and the standard value. */
  private static String text(Parameter parameter) {
    if (parameter.standard().isEmpty()) return "`%s`".formatted(parameter.name());
    double value = parameter.standard().getAsDouble();
    String standard =
        parameter.kind() == Parameter.Kind.FLAG
            ? String.valueOf(value != 0)
            : String.valueOf(value).replaceFirst("\\.0$", "").replace(".0E", "e");
    return "`%s` %s".formatted(parameter.name(), standard);
  }
}

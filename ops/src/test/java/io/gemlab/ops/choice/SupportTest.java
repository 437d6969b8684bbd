package io.gemlab.ops.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupportTest {

  @ParameterizedTest
  @CsvSource({"' ', do that", "for this, ''"})
  void aRefusalNeedsAReasonAndARemedy(String reason, String remedy) {
    Exception refusal =
        assertThrows(IllegalArgumentException.class, () -> Support.no(reason, remedy));
    assertEquals("a refusal needs a reason and a remedy", refusal.getMessage());
  }

  @Test
  void theExceptionSaysWhatRefusedAndWhyAndWhatToDo() {
    Support.Unsupported refusal = new Support.Unsupported("it can't", "ask another");
    assertEquals(
        "sdpa attention refuses: it can't; ask another",
        new UnsupportedChoiceException("sdpa attention", refusal).getMessage());
  }
}

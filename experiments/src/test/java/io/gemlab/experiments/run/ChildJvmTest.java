package io.gemlab.experiments.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChildJvmTest {
  /** A child that says its arguments and ends as the first one tells. */
  static final class Child {
    public static void main(String[] arguments) {
      System.out.println("said " + List.of(arguments));
      System.exit(Integer.parseInt(arguments[0]));
    }
  }

  @Test
  void tellsHowItEndedAndItsLastWord() throws InterruptedException {
    assertEquals(
        new ChildJvm.Ended(3, "said [3, a b]"), ChildJvm.run(Child.class, List.of("3", "a b")));
  }
}

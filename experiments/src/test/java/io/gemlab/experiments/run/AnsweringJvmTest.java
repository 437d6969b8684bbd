package io.gemlab.experiments.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.reports.record.RunRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnsweringJvmTest {
  /** A child that answers with what it was asked, and breaks where it is asked to. */
  static final class Child {
    public static void main(String[] arguments) {
      System.out.print("a library's words ");
      AnsweringJvm.answer(
          request -> {
            System.out.println("a word of its own");
            if (request.equals("break")) throw new IllegalStateException("it broke, as asked");
            return RunRecord.newBuilder().setId(arguments[0] + request).setArm("ü\n").build();
          });
    }
  }

  @Test
  void answersOneRequestAfterTheOther() throws Exception {
    try (AnsweringJvm child = new AnsweringJvm(Child.class, List.of(), List.of("said "))) {
      assertEquals("said 1", child.ask("1").getId());
      RunRecord second = child.ask("two");
      assertEquals("said two", second.getId());
      assertEquals("ü\n", second.getArm());
    }
  }

  @Test
  void whoBreaksSaysWhy() throws Exception {
    try (AnsweringJvm child = new AnsweringJvm(Child.class, List.of(), List.of(""))) {
      child.ask("1");
      ChildJvm.Ended ended =
          assertThrows(AnsweringJvm.EndedException.class, () -> child.ask("break")).ended();
      assertEquals("exit code 1: it broke, as asked", ended.reason());
      assertThrows(AnsweringJvm.EndedException.class, () -> child.ask("2"));
    }
  }

  @Test
  void whoIsKilledIsSaidToBe() throws Exception {
    try (AnsweringJvm child = new AnsweringJvm(Child.class, List.of(), List.of(""))) {
      child.ask("1");
      ProcessHandle.of(child.pid()).orElseThrow().destroyForcibly();
      ChildJvm.Ended ended =
          assertThrows(AnsweringJvm.EndedException.class, () -> child.ask("2")).ended();
      assertTrue(ended.killed());
      assertEquals("killed, probably for memory", ended.reason());
    }
  }
}

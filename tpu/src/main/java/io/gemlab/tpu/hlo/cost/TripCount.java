package io.gemlab.tpu.hlo.cost;

import io.gemlab.tpu.hlo.HloIndex;
import io.gemlab.tpu.hlo.proto.HloComputationProto;
import io.gemlab.tpu.hlo.proto.HloInstructionProto;
import io.gemlab.tpu.hlo.proto.LiteralProto;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often a loop runs: what a compiler noted in the loop's backend_config, or what its counter,
 * its bound and its step say where they are constants.
 */
final class TripCount {
  private static final Pattern KNOWN =
      Pattern.compile("\"known_trip_count\"\\s*:\\s*\\{\\s*\"n\"\\s*:\\s*\"(\\d+)\"");

  /** What hands an integer on as it is. */
  private static final Set<String> TRANSPARENT =
      Set.of("bitcast", "convert", "copy", "opt-barrier", "reshape");

  private final HloIndex index;

  TripCount(HloIndex index) {
    this.index = index;
  }

  /** The number of times a {@code while} runs its body; empty where it is not to be known. */
  OptionalLong of(HloInstructionProto loop) {
    Matcher known = KNOWN.matcher(loop.getBackendConfig().toStringUtf8());
    if (known.find()) return OptionalLong.of(Long.parseLong(known.group(1)));

    HloComputationProto body = index.called(loop, 0);
    HloComputationProto condition = index.called(loop, 1);
    HloInstructionProto test = through(index.root(condition));
    if (!test.getOpcode().equals("compare")) return OptionalLong.empty();
    HloInstructionProto left = through(index.operand(test, 0));
    HloInstructionProto right = through(index.operand(test, 1));
    return isElement(left)
        ? count(loop, body, left, test.getComparisonDirection(), right)
        : count(loop, body, right, mirrored(test.getComparisonDirection()), left);
  }

  private OptionalLong count(
      HloInstructionProto loop,
      HloComputationProto body,
      HloInstructionProto counter,
      String direction,
      HloInstructionProto bound) {
    if (!isElement(counter)) return OptionalLong.empty();
    int position = Math.toIntExact(counter.getTupleIndex());
    HloInstructionProto start = element(index.operand(loop, 0), position);
    OptionalLong step = step(element(index.root(body), position), position);
    OptionalLong first = constant(start);
    OptionalLong last = bound(loop, body, bound);
    if (first.isEmpty() || last.isEmpty() || step.isEmpty()) return OptionalLong.empty();
    return trips(first.getAsLong(), last.getAsLong(), step.getAsLong(), direction);
  }

  /** A constant, or an element of the loop's state that starts as one and stays it. */
  private OptionalLong bound(
      HloInstructionProto loop, HloComputationProto body, HloInstructionProto bound) {
    if (!isElement(bound)) return constant(bound);
    int position = Math.toIntExact(bound.getTupleIndex());
    HloInstructionProto next = element(index.root(body), position);
    boolean stays = isElement(next) && next.getTupleIndex() == position;
    return stays ? constant(element(index.operand(loop, 0), position)) : OptionalLong.empty();
  }

  private static OptionalLong trips(long first, long last, long step, String direction) {
    long distance = step > 0 ? last - first : first - last;
    boolean up = direction.equals("LT") || direction.equals("LE");
    boolean down = direction.equals("GT") || direction.equals("GE");
    if (step == 0 || !(step > 0 ? up : down)) return OptionalLong.empty();
    long inclusive = direction.endsWith("E") ? distance + 1 : distance;
    return OptionalLong.of(Math.max(0, Math.ceilDiv(inclusive, Math.abs(step))));
  }

  /** What a counter grows by, where the body makes it {@code counter + constant}. */
  private OptionalLong step(HloInstructionProto next, int position) {
    boolean added = next.getOpcode().equals("add");
    if (!added && !next.getOpcode().equals("subtract")) return OptionalLong.empty();
    HloInstructionProto left = through(index.operand(next, 0));
    HloInstructionProto right = through(index.operand(next, 1));
    if (isElement(left) && left.getTupleIndex() == position) {
      OptionalLong step = constant(right);
      return added || step.isEmpty() ? step : OptionalLong.of(-step.getAsLong());
    }
    boolean counted = added && isElement(right) && right.getTupleIndex() == position;
    return counted ? constant(left) : OptionalLong.empty();
  }

  private HloInstructionProto element(HloInstructionProto tuple, int position) {
    HloInstructionProto source = through(tuple);
    return source.getOpcode().equals("tuple") ? through(index.operand(source, position)) : source;
  }

  /** Where a value comes from: through what hands it on, and out of calls. */
  private HloInstructionProto through(HloInstructionProto instruction) {
    HloInstructionProto source = instruction;
    while (true) {
      if (TRANSPARENT.contains(source.getOpcode())) {
        source = index.operand(source, 0);
      } else if (isElementOf("call", source)) {
        HloInstructionProto call = index.operand(source, 0);
        HloInstructionProto result = index.root(index.called(call, 0));
        boolean known = result.getOpcode().equals("tuple") && call.getOperandIdsCount() == 1;
        if (!known) return source;
        source = index.operand(result, Math.toIntExact(source.getTupleIndex()));
      } else {
        return source;
      }
    }
  }

  /**
   * Whether this is an element of the loop's state, as its body, its condition, or what the
   * condition calls takes it.
   */
  private boolean isElement(HloInstructionProto instruction) {
    return isElementOf("parameter", instruction);
  }

  private boolean isElementOf(String opcode, HloInstructionProto instruction) {
    return instruction.getOpcode().equals("get-tuple-element")
        && index.operand(instruction, 0).getOpcode().equals(opcode);
  }

  private static OptionalLong constant(HloInstructionProto instruction) {
    LiteralProto literal = instruction.getLiteral();
    if (!instruction.getOpcode().equals("constant")) return OptionalLong.empty();
    if (literal.getS32SCount() == 1) return OptionalLong.of(literal.getS32S(0));
    if (literal.getS64SCount() == 1) return OptionalLong.of(literal.getS64S(0));
    if (literal.getU32SCount() == 1) return OptionalLong.of(literal.getU32S(0));
    if (literal.getU64SCount() == 1) return OptionalLong.of(literal.getU64S(0));
    return OptionalLong.empty();
  }

  private static String mirrored(String direction) {
    return switch (direction) {
      case "LT" -> "GT";
      case "LE" -> "GE";
      case "GT" -> "LT";
      case "GE" -> "LE";
      default -> direction;
    };
  }
}

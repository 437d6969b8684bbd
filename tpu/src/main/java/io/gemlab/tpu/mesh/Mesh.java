package io.gemlab.tpu.mesh;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Devices as a grid with named axes. Device {@code (d, f, m)} has number {@code (d * fsdp + f) *
 * model + m}: neighbours on the model axis are neighbours.
 *
 * @param data copies of the model; each takes its share of the batch
 * @param fsdp devices that share out the weights of a copy, gather them where they are used, and
 *     take a share of the batch each
 * @param model devices that share out each product of a layer
 */
public record Mesh(int data, int fsdp, int model) {

  /** The axes, outermost first. */
  public enum Axis {
    DATA,
    FSDP,
    MODEL;

    /** The name in a mesh's text. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Mesh {
    for (int size : new int[] {data, fsdp, model}) {
      if (size < 1) throw new InvalidInput("a mesh axis of " + size + " devices; give 1 or more");
    }
    if ((long) data * fsdp * model > Integer.MAX_VALUE) {
      throw new InvalidInput("a mesh of more devices than there are; make its axes smaller");
    }
  }

  /**
   * Reads a mesh such as {@code data=4,fsdp=1,model=4}; an axis left out has one device.
   *
   * @throws InvalidInput if it is something else
   */
  public static Mesh parse(String text) {
    Map<Axis, Integer> sizes = new EnumMap<>(Axis.class);
    for (String part : text.split(",", -1)) {
      String[] assignment = part.split("=", -1);
      if (assignment.length != 2) throw malformed(text, part);
      if (sizes.put(axis(text, assignment[0].strip()), size(text, part, assignment[1])) != null) {
        throw new InvalidInput(
            "mesh " + InvalidInput.shown(text) + " gives " + assignment[0].strip() + " twice");
      }
    }
    return new Mesh(
        sizes.getOrDefault(Axis.DATA, 1),
        sizes.getOrDefault(Axis.FSDP, 1),
        sizes.getOrDefault(Axis.MODEL, 1));
  }

  private static Axis axis(String text, String label) {
    return Stream.of(Axis.values())
        .filter(axis -> axis.label().equals(label))
        .findFirst()
        .orElseThrow(() -> malformed(text, label));
  }

  private static int size(String text, String part, String number) {
    try {
      return Integer.parseInt(number.strip());
    } catch (NumberFormatException e) {
      throw malformed(text, part);
    }
  }

  private static InvalidInput malformed(String text, String part) {
    return new InvalidInput(
        "mesh "
            + InvalidInput.shown(text)
            + " can't be read at "
            + InvalidInput.shown(part)
            + "; give axes and their sizes such as data=4,fsdp=1,model=4");
  }

  public int devices() {
    return data * fsdp * model;
  }

  /** Pieces that the batch is cut into. */
  public int shards() {
    return data * fsdp;
  }

  public int size(Axis axis) {
    return switch (axis) {
      case DATA -> data;
      case FSDP -> fsdp;
      case MODEL -> model;
    };
  }

  /** Where a device stands on an axis. */
  public int coordinate(int device, Axis axis) {
    return switch (axis) {
      case DATA -> device / (fsdp * model);
      case FSDP -> device / model % fsdp;
      case MODEL -> device % model;
    };
  }

  /** The axes on which devices of one group differ, outermost first. */
  public List<Axis> axes(List<List<Integer>> groups) {
    return Stream.of(Axis.values())
        .filter(
            axis ->
                groups.stream()
                    .anyMatch(
                        group ->
                            group.stream()
                                    .mapToInt(device -> coordinate(device, axis))
                                    .distinct()
                                    .count()
                                > 1))
        .toList();
  }

  /** As it is read. */
  @Override
  public String toString() {
    return Stream.of(Axis.values())
        .map(axis -> axis.label() + "=" + size(axis))
        .collect(Collectors.joining(","));
  }
}

package io.gemlab.tpu.mesh;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.gemma2.config.Gemma2Config;
import io.gemlab.tpu.mesh.Mesh.Axis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Which meshes a model and a batch can be cut over evenly.
 *
 * @param config the model's
 * @param rows rows of the batch; empty where they follow the mesh
 */
record MeshFit(Gemma2Config config, OptionalInt rows) {

  /** Something of the model that some axes cut together. */
  private record Cut(String what, int size, List<Axis> axes) {
    int pieces(Mesh mesh) {
      return axes.stream().map(mesh::size).reduce(1, Math::multiplyExact);
    }

    String shown(Mesh mesh) {
      return axes.stream()
          .map(axis -> axis.label() + "=" + mesh.size(axis))
          .collect(Collectors.joining(","));
    }
  }

  private List<Cut> cuts() {
    List<Cut> cuts = new ArrayList<>();
    cuts.add(new Cut("num_attention_heads", config.numAttentionHeads(), List.of(Axis.MODEL)));
    cuts.add(new Cut("num_key_value_heads", config.numKeyValueHeads(), List.of(Axis.MODEL)));
    cuts.add(new Cut("intermediate_size", config.intermediateSize(), List.of(Axis.MODEL)));
    cuts.add(new Cut("vocab_size", config.vocabSize(), List.of(Axis.MODEL)));
    cuts.add(new Cut("hidden_size", config.hiddenSize(), List.of(Axis.FSDP)));
    List<Axis> batch = List.of(Axis.DATA, Axis.FSDP);
    rows.ifPresent(number -> cuts.add(new Cut("the rows of the batch", number, batch)));
    return cuts;
  }

  /**
   * Refuses a mesh that has not as many devices as there are, or that cuts something unevenly.
   *
   * @throws InvalidInput that names the axis and the nearest mesh that works
   */
  void require(Mesh mesh, int devices) {
    if (mesh.devices() != devices) {
      throw new InvalidInput(
          "mesh "
              + mesh
              + " takes "
              + mesh.devices()
              + " devices and there are "
              + devices
              + "; "
              + advice(mesh, devices));
    }
    uneven(mesh)
        .ifPresent(
            cut -> {
              throw new InvalidInput(
                  "mesh "
                      + mesh
                      + " does not fit: "
                      + cut.shown(mesh)
                      + " can't share out "
                      + cut.what()
                      + ", "
                      + cut.size()
                      + ", evenly; "
                      + advice(mesh, devices));
            });
  }

  /**
   * A mesh, or the nearest of as many devices that fits.
   *
   * @throws InvalidInput if none fits
   */
  Mesh mesh(Mesh wanted) {
    return nearest(wanted, wanted.devices())
        .orElseThrow(() -> new InvalidInput(advice(wanted, wanted.devices())));
  }

  /** The meshes of so many devices that cut everything evenly. */
  List<Mesh> all(int devices) {
    List<Mesh> fitting = new ArrayList<>();
    for (int data = devices; data >= 1; data--) {
      if (devices % data != 0) continue;
      for (int fsdp = 1; fsdp <= devices / data; fsdp++) {
        if (devices / data % fsdp != 0) continue;
        Mesh mesh = new Mesh(data, fsdp, devices / data / fsdp);
        if (uneven(mesh).isEmpty()) fitting.add(mesh);
      }
    }
    return fitting;
  }

  private Optional<Cut> uneven(Mesh mesh) {
    return cuts().stream().filter(cut -> cut.size() % cut.pieces(mesh) != 0).findFirst();
  }

  private String advice(Mesh mesh, int devices) {
    return nearest(mesh, devices)
        .map(works -> "the nearest mesh that works on " + devices + " is " + works)
        .orElse("no mesh works on " + devices + " devices: take another number of devices or rows");
  }

  /** The mesh that fits whose axes differ least in size, by ratio; the larger data axis first. */
  private Optional<Mesh> nearest(Mesh asked, int devices) {
    return all(devices).stream().min(Comparator.comparingDouble(mesh -> distance(asked, mesh)));
  }

  private static double distance(Mesh asked, Mesh other) {
    double distance = 0;
    for (Axis axis : Axis.values()) {
      distance += Math.abs(Math.log((double) asked.size(axis) / other.size(axis)));
    }
    return distance;
  }
}

package io.gemlab.tpu.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.tpu.mesh.Mesh.Axis;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeshTest {
  @Test
  void axesComeInAnyOrderAndOneLeftOutHasOneDevice() {
    assertEquals(new Mesh(4, 1, 2), Mesh.parse("model=2, data=4"));
    assertEquals("data=4,fsdp=1,model=2", Mesh.parse("model=2,data=4").toString());
    assertEquals(8, Mesh.parse("data=4,fsdp=1,model=2").devices());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "data",
        "data=",
        "data=x",
        "data=4;model=2",
        "tensor=4",
        "data=1,data=2",
        "data=0",
        "data=-2",
        "data=4,",
        "data=65536,model=65536"
      })
  void somethingElseIsRefusedInOneLine(String text) {
    InvalidInput refused = assertThrows(InvalidInput.class, () -> Mesh.parse(text));
    assertEquals(1, refused.getMessage().lines().count());
  }

  @Test
  void everyDeviceHasItsOwnPlaceAndModelNeighboursAreNeighbours() {
    Mesh mesh = new Mesh(3, 2, 4);
    Set<List<Integer>> places = new HashSet<>();
    for (int device = 0; device < mesh.devices(); device++) {
      int data = mesh.coordinate(device, Axis.DATA);
      int fsdp = mesh.coordinate(device, Axis.FSDP);
      int model = mesh.coordinate(device, Axis.MODEL);
      assertEquals(device, (data * 2 + fsdp) * 4 + model);
      places.add(List.of(data, fsdp, model));
    }
    assertEquals(mesh.devices(), places.size());
    assertTrue(places.contains(List.of(2, 1, 3)));
  }

  @Test
  void aGroupRunsAlongTheAxesThatItsDevicesDifferOn() {
    Mesh mesh = new Mesh(2, 2, 2);
    assertEquals(List.of(Axis.MODEL), mesh.axes(List.of(List.of(0, 1), List.of(6, 7))));
    assertEquals(List.of(Axis.FSDP), mesh.axes(List.of(List.of(0, 2), List.of(5, 7))));
    assertEquals(List.of(Axis.DATA), mesh.axes(List.of(List.of(0, 4))));
    assertEquals(List.of(Axis.DATA, Axis.FSDP), mesh.axes(List.of(List.of(0, 2, 4, 6))));
    assertEquals(List.of(), mesh.axes(List.of(List.of(3))));
  }
}

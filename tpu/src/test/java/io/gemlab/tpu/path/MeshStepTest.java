package io.gemlab.tpu.path;

import io.gemlab.graph.path.ExecutionPath;
import io.gemlab.graph.path.SmallTraining;
import io.gemlab.graph.train.AccumulationTest;
import io.gemlab.graph.train.PiecewiseLossTest;
import io.gemlab.graph.train.StepVariantsTest;
import io.gemlab.tpu.mesh.Mesh;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a training step must do, on one device of a plugin's and over meshes of them. */
@Tag("pjrt")
class MeshStepTest {
  private static final PjrtPath DEVICES =
      new PjrtPath(System.getProperty("gemlab.test.path", "pjrt:cpu"));

  private static MeshPath over(String mesh) {
    return new MeshPath(DEVICES, Mesh.parse(mesh), SmallTraining.CONFIG);
  }

  static List<ExecutionPath> paths() {
    return List.of(DEVICES, over("data=2,fsdp=2"), over("fsdp=2,model=2"));
  }

  /**
   * Two micro-batches of four rows, whose masks differ from shard to shard, and a window of one.
   */
  @ParameterizedTest
  @MethodSource("paths")
  void raggedMicroBatchesAreOneBatch(ExecutionPath path) {
    AccumulationTest.same(path, AccumulationTest.rows(2, 4));
    AccumulationTest.same(path, AccumulationTest.rows(1, 4));
  }

  @ParameterizedTest
  @MethodSource("pathsOfTwoRows")
  void theLossInPiecesIsTheLossOfTheWhole(ExecutionPath path) {
    new PiecewiseLossTest().isTheLossOfTheWhole(path);
  }

  static List<ExecutionPath> pathsOfTwoRows() {
    return List.of(DEVICES, over("data=2,model=2"));
  }

  @ParameterizedTest
  @MethodSource("pathsOfTwoRows")
  void skipsAveragesRoundsScalesAndMeasures(ExecutionPath path) {
    StepVariantsTest variants = new StepVariantsTest();
    variants.aGradientThatIsNoNumberIsNamed(path);
    variants.aGuardedStepAboveItsLimitsLeavesAllStateAsItWas(path);
    variants.aGuardedUpdateToo(path);
    variants.theMeanOfTheWeightsBeginsWithTheFirstOnes(path);
    variants.aGroupHasADecayOfItsOwn(path);
    variants.weightsInBfloat16AreRoundedAndTellWhatStayed(path);
    variants.aDiagnosticStepTellsWhatBfloat16WouldLose(path);
    variants.lossScalingIsThatOfGradScaler(path);
  }
}

package io.gemlab.graph.path.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is chosen by times that are made up, and what is kept of it. */
class MeasuredProductsTest {
  private static final ProductShape WEIGHTS =
      new ProductShape(ElementType.F32, 1, 2048, 2048, 512, false, true);
  private static final ProductShape HALF =
      new ProductShape(ElementType.BF16, 1, 512, 512, 512, false, true);
  private static final ProductShape PLAIN =
      new ProductShape(ElementType.F32, 1, 2048, 512, 512, false, false);
  private static final ProductShape SMALL =
      new ProductShape(ElementType.F32, 1, 16, 512, 512, false, true);

  @TempDir Path folder;

  /** What was timed, in order. */
  private final List<ProductShape> timed = new ArrayList<>();

  private Products measured(double tensorflow, double transposed, double widened) {
    return new MeasuredProducts(
        Optional.of(file()),
        (shape, kernels) -> times(shape, kernels, tensorflow, transposed, widened));
  }

  private Map<ProductKernel, Double> times(
      ProductShape shape,
      List<ProductKernel> kernels,
      double tensorflow,
      double transposed,
      double widened) {
    synchronized (timed) {
      timed.add(shape);
    }
    Map<ProductKernel, Double> millis = new EnumMap<>(ProductKernel.class);
    for (ProductKernel kernel : kernels) {
      millis.put(
          kernel,
          switch (kernel) {
            case TENSORFLOW -> tensorflow;
            case TRANSPOSED -> transposed;
            case WIDENED -> widened;
          });
    }
    return millis;
  }

  private TimingsFile file() {
    return new TimingsFile(folder.resolve("products").resolve("machine.json"));
  }

  private static ProductKernel of(Products products, ProductShape shape) {
    return products.choose(Set.of(shape)).get(shape);
  }

  @Test
  void anotherKernelHasToBeClearlyFaster() throws IOException {
    assertEquals(ProductKernel.TENSORFLOW, of(measured(100, 96, 97), HALF));
    Files.delete(file().path());
    assertEquals(ProductKernel.TRANSPOSED, of(measured(100, 94, 97), HALF));
    Files.delete(file().path());
    assertEquals(ProductKernel.WIDENED, of(measured(100, 94, 93), HALF));
  }

  @Test
  void isTimedOnceAndThenKnownToAll() {
    assertEquals(ProductKernel.TRANSPOSED, of(measured(100, 90, 90), WEIGHTS));
    assertEquals(List.of(WEIGHTS), timed);
    assertEquals(ProductKernel.TRANSPOSED, of(measured(100, 110, 110), WEIGHTS));
    assertEquals(List.of(WEIGHTS), timed);
  }

  @Test
  void whatHasNoChoiceOrIsSmallIsNotTimed() {
    Products products = measured(100, 10, 10);
    assertEquals(ProductKernel.TENSORFLOW, of(products, PLAIN));
    assertEquals(ProductKernel.TENSORFLOW, of(products, SMALL));
    assertEquals(List.of(), timed);
  }

  @Test
  void aPinTakesEveryProductThatItsKernelComputes() {
    Products pinned = Products.parse("transposed");
    assertEquals(ProductKernel.TRANSPOSED, of(pinned, SMALL));
    assertEquals(ProductKernel.TENSORFLOW, of(pinned, PLAIN));
    assertEquals(ProductKernel.TENSORFLOW, of(Products.parse("widened"), WEIGHTS));
    assertEquals(ProductKernel.WIDENED, of(Products.parse("widened"), HALF));
    InvalidInput unknown = assertThrows(InvalidInput.class, () -> Products.parse("transpose"));
    assertTrue(unknown.getMessage().contains("transposed"), unknown.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"float32 2048x2048x512 NT\": {\"tensorflow\": 12.",
        "[1, 2]",
        "{\"float32 2048x2048x512 NT\": {\"tensorflow\": 100}}",
        "{\"float32 2048x2048x512 NT\": {\"tensorflow\": 100, \"transposed\": \"fast\"}}",
        "{\"float32 2048x2048x512 NT\": {\"tensorflow\": -100, \"transposed\": 1}}",
        "{\"float32 2048x2048x512 NT\": 7}"
      })
  void aDamagedFileIsTimedAnewAndWritten(String damaged) throws IOException {
    Files.createDirectories(file().path().getParent());
    Files.writeString(file().path(), damaged);
    assertEquals(ProductKernel.TRANSPOSED, of(measured(100, 90, 90), WEIGHTS));
    assertEquals(ProductKernel.TRANSPOSED, of(measured(100, 110, 110), WEIGHTS));
    assertEquals(List.of(WEIGHTS), timed);
  }

  /** A later version may know more kernels; what it wrote of ours is used. */
  @Test
  void aFileOfAnotherVersionIsReadAndKept() throws IOException {
    Files.createDirectories(file().path().getParent());
    Files.writeString(
        file().path(),
        """
        {"float32 2048x2048x512 NT": {"tensorflow": 9, "transposed": 8, "other": 1},
         "float64 1x2x3 NN": {"tensorflow": 1}}
        """);
    assertEquals(ProductKernel.TRANSPOSED, of(measured(100, 110, 110), WEIGHTS));
    of(measured(100, 110, 110), HALF);
    assertTrue(Files.readString(file().path()).contains("float64 1x2x3 NN"));
  }

  @Test
  void whereNothingCanBeKeptAProcessStillKeepsToItsChoice() throws IOException {
    Files.writeString(folder.resolve("products"), "a file where the folder would be");
    Products products = measured(100, 90, 90);
    assertEquals(ProductKernel.TRANSPOSED, of(products, WEIGHTS));
    assertEquals(ProductKernel.TRANSPOSED, of(products, WEIGHTS));
    assertEquals(List.of(WEIGHTS), timed);
  }

  private static Products begun(Path run, Products asked) throws IOException {
    RecordedProducts products = RecordedProducts.of(run, asked, false);
    products.begin(false);
    return products;
  }

  @Test
  void aResumedRunTakesWhatItBeganWith() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    assertEquals(ProductKernel.TRANSPOSED, of(begun(run, measured(100, 90, 90)), WEIGHTS));
    Files.delete(file().path());
    Files.writeString(
        file().path(), "{\"float32 2048x2048x512 NT\": {\"tensorflow\": 1, \"transposed\": 9}}");
    Products other = measured(1, 9, 9);
    assertEquals(ProductKernel.TENSORFLOW, of(other, WEIGHTS));
    Products resumed = RecordedProducts.of(run, other, true);
    assertEquals(ProductKernel.TRANSPOSED, of(resumed, WEIGHTS));
    assertEquals(ProductKernel.TRANSPOSED, of(Products.parse(resumed.text()), WEIGHTS));
  }

  @Test
  void aResumedRunKeepsItsPin() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    begun(run, Products.parse("transposed"));
    Products resumed = RecordedProducts.of(run, Products.measured(), true);
    assertEquals(Optional.of(ProductKernel.TRANSPOSED), resumed.pin());
    assertEquals(ProductKernel.TRANSPOSED, of(resumed, SMALL));
    assertEquals(resumed.pin(), RecordedProducts.of(run, Products.parse("transposed"), true).pin());
    InvalidInput other =
        assertThrows(
            InvalidInput.class, () -> RecordedProducts.of(run, Products.parse("widened"), true));
    assertTrue(other.getMessage().contains("begun with products transposed"), other.getMessage());
  }

  /** It ran before there was a choice. */
  @Test
  void aRunWithoutAChoiceHadTensorFlowsProducts() {
    Products resumed = RecordedProducts.of(folder, Products.measured(), true);
    assertEquals(Optional.of(ProductKernel.TENSORFLOW), resumed.pin());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"products\": \"auto\"}",
        "{\"products\": \"auto\", \"chosen\": {\"float32 2048x2048x512 NT\": \"widened\"}}",
        "{\"products\": \"fast\", \"chosen\": {}}",
        "{"
      })
  void aRunsDamagedChoiceIsRefused(String damaged) throws IOException {
    Files.writeString(folder.resolve(RecordedProducts.NAME), damaged);
    assertThrows(
        InvalidInput.class,
        () -> of(RecordedProducts.of(folder, Products.measured(), true), WEIGHTS));
  }

  /** Each finds other times; the first that writes has chosen for all. */
  @Test
  void processesOfARunAgreeThoughTheirTimesDiffer() throws Exception {
    Path run = Files.createDirectory(folder.resolve("run"));
    begun(run, Products.measured());
    List<Callable<ProductKernel>> processes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      double transposed = i % 2 == 0 ? 90 : 110;
      Products own =
          new MeasuredProducts(
              Optional.empty(),
              (shape, kernels) -> times(shape, kernels, 100, transposed, transposed));
      processes.add(
          () -> of(RecordedProducts.at(run.resolve(RecordedProducts.NAME), own), WEIGHTS));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<ProductKernel> chosen = new ArrayList<>();
      for (Future<ProductKernel> each : threads.invokeAll(processes)) chosen.add(each.get());
      assertEquals(1, Set.copyOf(chosen).size(), chosen.toString());
    }
    assertEquals(1, timed.size());
  }

  @Test
  void aLargeProductIsTimedByAPartOfIt() {
    ProductShape head = new ProductShape(ElementType.F32, 1, 2048, 512, 32000, false, true);
    assertEquals("float32 1024x512x2000 NT", head.timed().toString());
    ProductShape heads = new ProductShape(ElementType.BF16, 64, 2048, 256, 2048, false, true);
    assertEquals("bfloat16 2048x256x2048 NT", heads.timed().toString());
  }

  @Test
  void realTimesAreOfEachKernel() {
    Map<ProductKernel, Double> millis =
        new SessionTimer().time(HALF, ProductKernel.candidates(HALF));
    assertEquals(Set.of(ProductKernel.values()), millis.keySet());
    assertTrue(millis.values().stream().allMatch(time -> time > 0), millis.toString());
  }
}

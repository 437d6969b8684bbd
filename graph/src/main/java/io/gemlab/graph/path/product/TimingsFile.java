package io.gemlab.graph.path.product;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.files.CacheFolder;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.files.WholeFile;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import io.gemlab.graph.runtime.MachineKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Timings of products on one kind of machine: an object that has, for each shape, the milliseconds
 * of each kernel. What can't be read is as if it were not there.
 *
 * @param path the file
 */
record TimingsFile(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(TimingsFile.class);

  /** Variables by which oneDNN and TensorFlow choose other instructions and kernels. */
  private static final String CHOOSING = "(ONEDNN|DNNL|TF_ONEDNN|TF_ENABLE_ONEDNN)_.*";

  /**
   * That of this machine, named after TensorFlow's version, the processor, the threads and what in
   * the environment changes products; empty where nothing is kept.
   */
  static Optional<TimingsFile> ofThisMachine() {
    return MachineKey.find()
        .flatMap(
            machine ->
                CacheFolder.of("products")
                    .map(folder -> new TimingsFile(folder.resolve(name(machine) + ".json"))));
  }

  private static String name(String machine) {
    String environment =
        System.getenv().entrySet().stream()
            .filter(variable -> variable.getKey().matches(CHOOSING))
            .sorted(Map.Entry.comparingByKey())
            .map(Object::toString)
            .collect(Collectors.joining("\n"));
    return environment.isEmpty() ? machine : machine + "-" + Sha256.of(environment).substring(0, 8);
  }

  /**
   * The timings of some products; those that are not there yet are added, one process at a time.
   */
  Map<ProductShape, Map<ProductKernel, Double>> complete(
      Set<ProductShape> shapes, Function<ProductShape, Map<ProductKernel, Double>> timer) {
    Map<ProductShape, Map<ProductKernel, Double>> timings = new LinkedHashMap<>();
    try {
      LockedFile.during(
          path,
          () -> {
            ObjectNode file = read();
            boolean added = false;
            for (ProductShape shape : shapes) {
              Optional<Map<ProductKernel, Double>> known = known(file, shape);
              timings.put(shape, known.orElseGet(() -> timer.apply(shape)));
              if (known.isPresent()) continue;
              put(file, shape, timings.get(shape));
              added = true;
            }
            if (added) {
              byte[] text = file.toPrettyString().getBytes(StandardCharsets.UTF_8);
              WholeFile.write(path, text);
            }
          });
    } catch (IOException e) {
      LOG.warn("timings of products are not kept in {}: {}", path, e.toString());
      shapes.forEach(shape -> timings.computeIfAbsent(shape, timer));
    }
    return timings;
  }

  private ObjectNode read() {
    try {
      if (Files.exists(path)) return JsonFile.readObject(path);
    } catch (InvalidInput damaged) {
      LOG.warn("timings of products are taken anew: {}", damaged.getMessage());
    }
    return JsonNodeFactory.instance.objectNode();
  }

  /** What the file has of a product, if that is a time of each kernel. */
  private static Optional<Map<ProductKernel, Double>> known(ObjectNode file, ProductShape shape) {
    JsonNode times = file.path(shape.toString());
    Map<ProductKernel, Double> millis = new EnumMap<>(ProductKernel.class);
    for (ProductKernel kernel : ProductKernel.candidates(shape)) {
      double time = times.path(kernel.label()).asDouble(Double.NaN);
      if (!(time > 0) || Double.isInfinite(time)) return Optional.empty();
      millis.put(kernel, time);
    }
    return Optional.of(millis);
  }

  private static void put(ObjectNode file, ProductShape shape, Map<ProductKernel, Double> millis) {
    ObjectNode times = file.putObject(shape.toString());
    millis.forEach((kernel, time) -> times.put(kernel.label(), time));
  }
}

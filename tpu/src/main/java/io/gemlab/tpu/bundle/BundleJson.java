package io.gemlab.tpu.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.StateRole;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.tpu.device.ProgramSignature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A bundle's description as JSON, for programs and for people who unzip it. */
final class BundleJson {
  private static final int FORMAT = 2;

  /** Of one program, whose keys stand beside what the bundle is. */
  private static final int ONE_PROGRAM = 1;

  private static final String PROGRAMS = "programs";
  private static final JsonMapper JSON = new JsonMapper();

  private BundleJson() {}

  /** The bytes of an entry of the zip. */
  @FunctionalInterface
  interface Entries {
    byte[] read(String name) throws IOException;
  }

  static byte[] write(Bundle bundle) throws IOException {
    Bundle.About about = bundle.about();
    ObjectNode json = JSON.createObjectNode().put("format", FORMAT);
    json.put("gemlab", about.gemlab())
        .put("model", about.model())
        .put("program", about.program())
        .put("described", about.described())
        .put("vocabulary", about.vocabulary())
        .put("devices", about.devices())
        .put("compiled_for", about.compiledFor())
        .put("compiler", about.compiler());
    ArrayNode programs = json.putArray(PROGRAMS);
    for (Bundle.Program program : bundle.programs()) {
      put(programs.addObject().put("calls", program.calls()), bundle, program.signature());
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }

  private static void put(ObjectNode json, Bundle bundle, ProgramSignature signature) {
    json.put("function", signature.name());
    ArrayNode state = json.putArray("state");
    for (TensorSpec spec : signature.state()) {
      ObjectNode one = put(state, spec).put("role", bundle.roles().get(spec.name()).label());
      List<String> tensors = bundle.weights().get(spec.name());
      if (tensors != null) tensors.forEach(one.putArray("checkpoint")::add);
      int update = signature.updates().indexOf(spec.name());
      if (update >= 0) one.put("updated_by_output", signature.results().size() + update);
    }
    ArrayNode arguments = json.putArray("arguments");
    signature.arguments().forEach(spec -> put(arguments, spec));
    ArrayNode results = json.putArray("results");
    signature.results().forEach(spec -> put(results, spec));
  }

  private static ObjectNode put(ArrayNode list, TensorSpec spec) {
    ObjectNode one = list.addObject().put("name", spec.name()).put("dtype", spec.type().name());
    spec.shape().dimensions().forEach(one.putArray("shape")::add);
    return one;
  }

  static Bundle read(byte[] description, Entries entries, Path file) throws IOException {
    JsonNode json = JSON.readTree(description);
    int format = json.path("format").asInt();
    if (format != FORMAT && format != ONE_PROGRAM) {
      throw new InvalidInput(
          "%s has bundle format %s and this Gemlab reads %d: make it again with this version"
              .formatted(file, InvalidInput.shown(json.path("format").asText()), FORMAT));
    }
    try {
      Map<String, StateRole> roles = new LinkedHashMap<>();
      Map<String, List<String>> weights = new LinkedHashMap<>();
      List<Bundle.Program> programs = new ArrayList<>();
      if (format == ONE_PROGRAM) {
        programs.add(program(json, 1, entries.read("program.hlo.pb"), roles, weights));
      } else {
        for (JsonNode one : json.required(PROGRAMS)) {
          byte[] hlo = entries.read(Bundle.entry(text(one, "function")));
          programs.add(program(one, one.required("calls").asInt(), hlo, roles, weights));
        }
      }
      return new Bundle(about(json), programs, roles, weights);
    } catch (IllegalArgumentException e) {
      throw new InvalidInput(
          "%s has a bundle.json that does not hold together (%s): make it again"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static Bundle.Program program(
      JsonNode json,
      int calls,
      byte[] hlo,
      Map<String, StateRole> roles,
      Map<String, List<String>> weights) {
    roles.putAll(roles(json));
    weights.putAll(weights(json));
    return new Bundle.Program(signature(json), calls, hlo);
  }

  private static Bundle.About about(JsonNode json) {
    return new Bundle.About(
        text(json, "gemlab"),
        text(json, "model"),
        text(json, "program"),
        text(json, "described"),
        json.required("vocabulary").asInt(),
        json.required("devices").asInt(),
        text(json, "compiled_for"),
        text(json, "compiler"));
  }

  /** Updates stand in the order of the outputs that they are, after the results. */
  private static ProgramSignature signature(JsonNode json) {
    List<TensorSpec> results = specs(json, "results");
    SortedMap<Integer, String> updates = new TreeMap<>();
    for (JsonNode one : json.required("state")) {
      if (one.has("updated_by_output")) {
        updates.put(one.get("updated_by_output").asInt(), text(one, "name"));
      }
    }
    int first = results.size();
    if (!updates.isEmpty()
        && (updates.firstKey() != first || updates.lastKey() != first + updates.size() - 1)) {
      throw new IllegalArgumentException("state is updated by the outputs " + updates.keySet());
    }
    return new ProgramSignature(
        text(json, "function"),
        specs(json, "state"),
        specs(json, "arguments"),
        results,
        List.copyOf(updates.values()));
  }

  private static Map<String, StateRole> roles(JsonNode json) {
    Map<String, StateRole> roles = new LinkedHashMap<>();
    for (JsonNode one : json.required("state")) roles.put(text(one, "name"), role(one));
    return roles;
  }

  /** Bundles of earlier versions have no roles: there a state's name says what it is. */
  private static StateRole role(JsonNode state) {
    if (state.has("role")) {
      return StateRole.of(text(state, "role"))
          .orElseThrow(() -> new IllegalArgumentException("an unknown role in " + state));
    }
    if (state.has("checkpoint")) return StateRole.WEIGHT;
    String name = text(state, "name");
    if (name.startsWith("cache/")) return StateRole.CACHE;
    return name.equals("optimizer/step") ? StateRole.STEP : StateRole.MOMENT;
  }

  private static Map<String, List<String>> weights(JsonNode json) {
    Map<String, List<String>> weights = new LinkedHashMap<>();
    for (JsonNode one : json.required("state")) {
      if (!one.has("checkpoint")) continue;
      List<String> tensors = new ArrayList<>();
      one.get("checkpoint").forEach(tensor -> tensors.add(tensor.asText()));
      weights.put(text(one, "name"), tensors);
    }
    return weights;
  }

  private static List<TensorSpec> specs(JsonNode json, String key) {
    List<TensorSpec> specs = new ArrayList<>();
    for (JsonNode one : json.required(key)) {
      List<Long> dimensions = new ArrayList<>();
      one.required("shape").forEach(dimension -> dimensions.add(dimension.asLong()));
      ElementType type =
          ElementType.of(text(one, "dtype"))
              .orElseThrow(() -> new IllegalArgumentException("an unknown dtype in " + one));
      specs.add(new TensorSpec(text(one, "name"), type, new TensorShape(dimensions)));
    }
    return specs;
  }

  private static String text(JsonNode json, String key) {
    return json.required(key).asText();
  }
}

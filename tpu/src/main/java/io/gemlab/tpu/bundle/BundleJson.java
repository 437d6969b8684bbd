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
  private static final int FORMAT = 1;
  private static final JsonMapper JSON = new JsonMapper();

  private BundleJson() {}

  static byte[] write(Bundle bundle) throws IOException {
    Bundle.About about = bundle.about();
    ProgramSignature signature = bundle.signature();
    ObjectNode json = JSON.createObjectNode().put("format", FORMAT);
    json.put("gemlab", about.gemlab())
        .put("model", about.model())
        .put("program", about.program())
        .put("described", about.described())
        .put("vocabulary", about.vocabulary())
        .put("devices", about.devices())
        .put("compiled_for", about.compiledFor())
        .put("compiler", about.compiler())
        .put("function", signature.name());
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
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }

  private static ObjectNode put(ArrayNode list, TensorSpec spec) {
    ObjectNode one = list.addObject().put("name", spec.name()).put("dtype", spec.type().name());
    spec.shape().dimensions().forEach(one.putArray("shape")::add);
    return one;
  }

  static Bundle read(byte[] description, byte[] hlo, Path file) throws IOException {
    JsonNode json = JSON.readTree(description);
    if (json.path("format").asInt() != FORMAT) {
      throw new InvalidInput(
          "%s has bundle format %s and this Gemlab reads %d: make it again with this version"
              .formatted(file, InvalidInput.shown(json.path("format").asText()), FORMAT));
    }
    try {
      return new Bundle(about(json), signature(json), roles(json), weights(json), hlo);
    } catch (IllegalArgumentException e) {
      throw new InvalidInput(
          "%s has a bundle.json that does not hold together (%s): make it again"
              .formatted(file, e.getMessage()),
          e);
    }
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

package io.gemlab.experiments.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import io.gemlab.experiments.recipe.Fields;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.NearestName;
import io.gemlab.graph.base.text.jinja.JinjaValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Makes a task of its YAML. What it doesn't know it refuses by name. */
final class TaskReader {
  private static final String DEFAULT_DELIMITER = " ";
  private static final String DEFAULT_FEWSHOT_DELIMITER = "\n\n";

  private static final List<String> KEYS =
      List.of(
          "task",
          "task_alias",
          "tag",
          "dataset_path",
          "dataset_name",
          "dataset_kwargs",
          "training_split",
          "validation_split",
          "test_split",
          "fewshot_split",
          "process_docs",
          "doc_to_text",
          "doc_to_target",
          "doc_to_choice",
          "description",
          "target_delimiter",
          "fewshot_delimiter",
          "fewshot_config",
          "num_fewshot",
          "output_type",
          "metric_list",
          "generation_kwargs",
          "filter_list",
          "repeats",
          "gen_prefix",
          "should_decontaminate",
          "doc_to_decontamination_query",
          "unsafe_code",
          "metadata");

  /** Keys that lm-evaluation-harness has and that are not done here. */
  private static final Map<String, String> UNDONE =
      Map.of(
          "process_results", "it is Python that makes metrics of answers",
          "class", "it is a task written in Python",
          "custom_dataset", "it is Python that makes documents",
          "use_prompt", "it takes its prompt from PromptSource",
          "doc_to_image", "it shows images",
          "doc_to_audio", "it plays sounds");

  private final YamlSource source;
  private final Fields fields;

  private TaskReader(YamlSource source, ObjectNode yaml) {
    this.source = source;
    this.fields = new Fields(source.name(), yaml);
  }

  /**
   * @throws InvalidInput if a key is not known or not done here, or a value has another form; it
   *     says where
   */
  static TaskSpec read(YamlSource source, ObjectNode yaml) {
    return new TaskReader(source, yaml).task();
  }

  private TaskSpec task() {
    UNDONE.forEach(
        (key, why) -> {
          if (!fields.has(key)) return;
          throw new InvalidInput(
              "%s: %s is not done: %s; leave the task out".formatted(fields.where(), key, why));
        });
    fields.only(KEYS);
    if (fields.has("unsafe_code") && fields.flag("unsafe_code")) {
      throw new InvalidInput(
          fields.where() + ": unsafe_code is true: the task runs what a model wrote; leave it out");
    }
    OutputType type = outputType();
    PromptSpec prompt = prompt(type);
    GenerationSpec generation = generation();
    return new TaskSpec(
        fields.text("task"),
        source.name(),
        metadata("version").map(JsonNode::asText),
        dataset(),
        new Splits(text("training_split"), text("validation_split"), text("test_split")),
        type,
        process(),
        field("description"),
        prompt,
        fewShot(prompt),
        generation,
        new MetricReader(fields, type).metrics(),
        new FilterReader(fields).filters(),
        metadata("cluster").map(node -> Field.template(where("metadata: cluster"), node.asText())));
  }

  private String where(String key) {
    return fields.where() + ": " + key;
  }

  private Optional<String> text(String key) {
    return fields.has(key) ? Optional.of(fields.text(key)) : Optional.empty();
  }

  private OutputType outputType() {
    String label = text("output_type").orElse(OutputType.GENERATE_UNTIL.label());
    for (OutputType type : OutputType.values()) if (type.label().equals(label)) return type;
    List<String> known = List.of(OutputType.values()).stream().map(OutputType::label).toList();
    throw NearestName.unknown(where("output_type"), label, known);
  }

  private DatasetSpec dataset() {
    Map<String, List<String>> files = new LinkedHashMap<>();
    fields
        .section("dataset_kwargs")
        .ifPresent(
            kwargs -> {
              kwargs.only(List.of("data_files", "trust_remote_code", "data_dir"));
              if (kwargs.has("data_dir")) {
                throw new InvalidInput(
                    kwargs.where() + ": data_dir is not read; give --data with that folder");
              }
              JsonNode named = kwargs.node().path("data_files");
              if (named.isTextual() || named.isArray()) files.put("train", strings(kwargs, named));
              named
                  .properties()
                  .forEach(split -> files.put(split.getKey(), strings(kwargs, split.getValue())));
            });
    return new DatasetSpec(fields.text("dataset_path"), text("dataset_name"), files);
  }

  private static List<String> strings(Fields kwargs, JsonNode value) {
    List<String> strings = new ArrayList<>();
    for (JsonNode each : value.isArray() ? value : List.of(value)) {
      if (!each.isTextual()) {
        throw new InvalidInput(
            "%s: data_files holds %s; give names of files".formatted(kwargs.where(), each));
      }
      strings.add(each.textValue());
    }
    return strings;
  }

  private PromptSpec prompt(OutputType type) {
    boolean rolls = type == OutputType.LOGLIKELIHOOD_ROLLING;
    return new PromptSpec(
        field("doc_to_text").orElseGet(() -> missing("doc_to_text", rolls)),
        field("doc_to_target").orElseGet(() -> missing("doc_to_target", false)),
        type == OutputType.MULTIPLE_CHOICE
            ? Optional.of(field("doc_to_choice").orElseGet(() -> missing("doc_to_choice", false)))
            : field("doc_to_choice"),
        field("gen_prefix"),
        text("target_delimiter").orElse(DEFAULT_DELIMITER));
  }

  private Field missing(String key, boolean mayBe) {
    if (mayBe) return new Field.Constant("");
    throw new InvalidInput(
        "%s is missing, and the task's output_type needs it; add it".formatted(where(key)));
  }

  /** The field that a key describes; empty where the key is left out or empty. */
  private Optional<Field> field(String key) {
    return field(fields, key);
  }

  private Optional<Field> field(Fields section, String key) {
    if (!section.has(key)) return Optional.empty();
    String where = section.where() + ": " + key;
    JsonNode value = section.node().get(key);
    return switch (value.getNodeType()) {
      case STRING ->
          value.textValue().isEmpty() && !key.startsWith("doc_to")
              ? Optional.empty()
              : Optional.of(Field.template(where, value.textValue()));
      case POJO -> Optional.of(new Field.Computed(twin(key, value)));
      case NUMBER, ARRAY, OBJECT -> Optional.of(new Field.Constant(constant(value)));
      default ->
          throw new InvalidInput(
              "%s is %s; give a template or a field's name".formatted(where, value));
    };
  }

  /** A dict of choices stands for its values. */
  private static Object constant(JsonNode value) {
    Object constant = JinjaValues.of(empty().set("it", value)).get("it");
    return constant instanceof Map<?, ?> dict ? List.copyOf(dict.values()) : constant;
  }

  private Function<Document, Object> twin(String key, JsonNode value) {
    FunctionName name = (FunctionName) ((POJONode) value).getPojo();
    return DocFunctions.twin(source, key, fields.text("dataset_path"), name);
  }

  private Optional<Function<Document, Object>> process() {
    JsonNode value = fields.node().path("process_docs");
    if (value.isMissingNode() || value.isNull()) return Optional.empty();
    if (value.isPojo()) return Optional.of(twin("process_docs", value));
    throw new InvalidInput(
        "%s is %s; give !function and a name".formatted(where("process_docs"), value));
  }

  private FewShotSpec fewShot(PromptSpec prompt) {
    Fields own = fields.section("fewshot_config").orElse(new Fields(fields.where(), empty()));
    own.only(
        List.of(
            "sampler",
            "split",
            "samples",
            "fewshot_indices",
            "doc_to_text",
            "doc_to_target",
            "doc_to_choice",
            "gen_prefix",
            "target_delimiter",
            "fewshot_delimiter"));
    List<Document> samples = new ArrayList<>();
    if (own.has("samples")) {
      own.objects("samples")
          .forEach(each -> samples.add(new Document(JinjaValues.of(each.node()))));
    }
    return new FewShotSpec(
        shots(),
        sampler(own),
        own.has("split") ? Optional.of(own.text("split")) : text("fewshot_split"),
        samples,
        own.has("fewshot_indices")
            ? own.integers("fewshot_indices").stream().map(Math::toIntExact).toList()
            : List.of(),
        new PromptSpec(
            field(own, "doc_to_text").orElse(prompt.text()),
            field(own, "doc_to_target").orElse(prompt.target()),
            field(own, "doc_to_choice").or(prompt::choices),
            field(own, "gen_prefix").or(prompt::prefix),
            own.has("target_delimiter") ? own.text("target_delimiter") : prompt.delimiter()),
        own.has("fewshot_delimiter")
            ? own.text("fewshot_delimiter")
            : text("fewshot_delimiter").orElse(DEFAULT_FEWSHOT_DELIMITER));
  }

  private int shots() {
    if (!fields.has("num_fewshot")) return 0;
    int shots = fields.integer("num_fewshot");
    if (shots >= 0) return shots;
    throw new InvalidInput("%s is %d; give 0 or more".formatted(where("num_fewshot"), shots));
  }

  private static FewShotSpec.Sampler sampler(Fields own) {
    if (!own.has("sampler")) return FewShotSpec.Sampler.DEFAULT;
    return switch (own.text("sampler")) {
      case "default" -> FewShotSpec.Sampler.DEFAULT;
      case "first_n" -> FewShotSpec.Sampler.FIRST_N;
      default ->
          throw NearestName.unknown(
              own.where() + ": sampler", own.text("sampler"), List.of("default", "first_n"));
    };
  }

  private GenerationSpec generation() {
    Fields own = fields.section("generation_kwargs").orElse(new Fields(fields.where(), empty()));
    return GenerationReader.read(own, text("fewshot_delimiter").orElse(DEFAULT_FEWSHOT_DELIMITER));
  }

  private Optional<JsonNode> metadata(String key) {
    return Optional.ofNullable(fields.object("metadata").get(key));
  }

  private static ObjectNode empty() {
    return JsonNodeFactory.instance.objectNode();
  }
}

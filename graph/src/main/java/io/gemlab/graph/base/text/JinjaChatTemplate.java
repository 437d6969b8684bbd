package io.gemlab.graph.base.text;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.jinja.JinjaDialect;
import io.gemlab.graph.base.text.jinja.JinjaTemplate;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A template in Jinja, as a checkpoint's folder has it. Its text is encoded with the special tokens
 * that it spells and no others: BOS comes where the template writes it.
 *
 * <p>Control tokens that a speaker spells are put between two marks before the template is
 * rendered, and what stands between marks is encoded as ordinary pieces. (Hugging Face does so on
 * demand only: {@code sanitize_control_tokens}.)
 */
final class JinjaChatTemplate implements ChatTemplate {
  // Characters that Unicode keeps free of meaning; a speaker's own are left out.
  private static final String BEGIN = "\ufdd0";
  private static final String END = "\ufdd1";
  private static final String ANSWER = "Answer";

  private final String name;
  private final JinjaTemplate template;
  private final Tokenizer tokenizer;
  private final Map<String, Object> specialTokens;

  /** Special tokens that the tokenizer doesn't parse in a text, by their spellings. */
  private final Map<String, Integer> unparsed;

  /** What may not come of what is said. */
  private final ControlTokens control;

  private final OptionalInt endOfTurn;

  JinjaChatTemplate(ChatTemplateFile file, Tokenizer tokenizer) {
    this.name = file.name();
    this.template = JinjaTemplate.parse(file.name(), JinjaDialect.CHAT, file.source());
    this.tokenizer = tokenizer;
    this.specialTokens = specialTokens(file, tokenizer);
    this.unparsed = unparsed(tokenizer);
    Set<String> spellings = new HashSet<>(tokenizer.controlTokens());
    spellings.addAll(unparsed.keySet());
    tokenizer.addedTokens().stream()
        .filter(token -> token.strip().length() > 1 && file.source().contains(token))
        .forEach(spellings::add);
    this.control = new ControlTokens(spellings);
    this.endOfTurn = tokenBehindAnAnswer();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int[] prompt(List<ChatMessage> messages) {
    return encode(render(messages, true));
  }

  /**
   * {@inheritDoc}
   *
   * <p>What the template writes behind the model's last turn is not in it, but for white space.
   */
  @Override
  public ScoredConversation conversation(List<ChatMessage> messages) {
    int end = endOfTurn.orElseThrow(this::noEnd);
    ScoredConversation.Builder turns = new ScoredConversation.Builder();
    String written = "";
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).role() != ChatMessage.Role.MODEL) continue;
      String prompt = render(messages.subList(0, i), true);
      String answered = render(messages.subList(0, i + 1), false);
      if (!prompt.startsWith(written) || !answered.startsWith(prompt)) {
        throw new InvalidInput(
            "%s writes the conversation up to message %d otherwise than its prompt: what the model said can't be told from what it was given"
                .formatted(name, i + 1));
      }
      turns.given(encode(prompt.substring(written.length())));
      int[] answer = encode(answered.substring(prompt.length()));
      int said = 0;
      while (said < answer.length && answer[said] != end) said++;
      if (said == answer.length) throw noEnd();
      turns.said(Arrays.copyOf(answer, said));
      turns.endTurn(end);
      turns.given(Arrays.copyOfRange(answer, said + 1, answer.length));
      written = answered;
    }
    return turns.build();
  }

  private InvalidInput noEnd() {
    return new InvalidInput(
        name
            + " writes no token that ends the model's turn, so a model trained with it would never"
            + " learn to stop: use a template that does");
  }

  @Override
  public OptionalInt endOfTurn() {
    return endOfTurn;
  }

  /** The control token that follows an answer, white space between them or not. */
  private OptionalInt tokenBehindAnAnswer() {
    String text;
    try {
      text = render(List.of(ChatMessage.user("Question"), ChatMessage.model(ANSWER)), false);
    } catch (InvalidInput e) {
      return OptionalInt.empty();
    }
    int answer = text.lastIndexOf(ANSWER);
    if (answer < 0) return OptionalInt.empty();
    String behind = text.substring(answer + ANSWER.length()).strip();
    return control.spellings().stream()
        .filter(behind::startsWith)
        .max(Comparator.comparingInt(String::length))
        .map(this::encode)
        .filter(ids -> ids.length == 1)
        .map(ids -> OptionalInt.of(ids[0]))
        .orElse(OptionalInt.empty());
  }

  private String render(List<ChatMessage> messages, boolean generationPrompt) {
    Map<String, Object> variables = new HashMap<>(specialTokens);
    variables.put("messages", messages.stream().map(this::message).toList());
    variables.put("add_generation_prompt", generationPrompt);
    return template.render(variables);
  }

  private Map<String, Object> message(ChatMessage message) {
    String unmarked = message.content().replaceAll("[" + BEGIN + END + "]", "");
    String content =
        alternatives(control.spellings())
            .map(pattern -> pattern.matcher(unmarked).replaceAll(BEGIN + "$0" + END))
            .orElse(unmarked);
    return Map.of("role", message.role().commonSpelling(), "content", content);
  }

  /** The longest of some spellings. */
  private static Optional<Pattern> alternatives(Set<String> spellings) {
    return spellings.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Pattern.compile(
                spellings.stream()
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .map(Pattern::quote)
                    .collect(Collectors.joining("|"))));
  }

  private int[] encode(String rendered) {
    IntStream.Builder ids = IntStream.builder();
    Matcher marked = Pattern.compile(BEGIN + "([^" + BEGIN + END + "]*)" + END).matcher(rendered);
    int at = 0;
    while (marked.find()) {
      encodeTemplates(rendered.substring(at, marked.start()), ids);
      control.cut(marked.group(1)).forEach(part -> add(tokenizer.encode(part), ids));
      at = marked.end();
    }
    encodeTemplates(rendered.substring(at), ids);
    return ids.build().toArray();
  }

  /** A mark that the template has cut from its other still keeps what is around it apart. */
  private void encodeTemplates(String text, IntStream.Builder ids) {
    for (String part : text.split("[" + BEGIN + END + "]")) {
      Optional<Matcher> special = alternatives(unparsed.keySet()).map(p -> p.matcher(part));
      int at = 0;
      while (special.isPresent() && special.get().find()) {
        add(tokenizer.encode(part.substring(at, special.get().start())), ids);
        ids.add(unparsed.get(special.get().group()));
        at = special.get().end();
      }
      add(tokenizer.encode(part.substring(at)), ids);
    }
  }

  private static void add(int[] encoded, IntStream.Builder ids) {
    for (int id : encoded) ids.add(id);
  }

  private static Map<String, Object> specialTokens(ChatTemplateFile file, Tokenizer tokenizer) {
    Map<String, Object> variables = new HashMap<>();
    SpecialIds ids = tokenizer.specialIds();
    ids.bos().ifPresent(id -> variables.put("bos_token", tokenizer.piece(id)));
    ids.eos().ifPresent(id -> variables.put("eos_token", tokenizer.piece(id)));
    ids.pad().ifPresent(id -> variables.put("pad_token", tokenizer.piece(id)));
    ids.unk().ifPresent(id -> variables.put("unk_token", tokenizer.piece(id)));
    file.specialTokens()
        .forEach(
            (name, spelling) ->
                spelling.ifPresentOrElse(
                    text -> variables.put(name, text), () -> variables.remove(name)));
    return variables;
  }

  private static Map<String, Integer> unparsed(Tokenizer tokenizer) {
    SpecialIds ids = tokenizer.specialIds();
    return Stream.of(ids.bos(), ids.eos(), ids.pad(), ids.unk())
        .flatMapToInt(OptionalInt::stream)
        .filter(id -> !Arrays.equals(tokenizer.encode(tokenizer.piece(id)), new int[] {id}))
        .boxed()
        .collect(Collectors.toMap(tokenizer::piece, id -> id));
  }
}

package dev.millrace.runtime.engine.admission;

import dev.millrace.protocol.control.ControlJson;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.Signature;
import dev.millrace.runtime.engine.admission.AdmissionProbe.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder that a parent and its child share: a question (properties) and an answer (JSON), each
 * complete once it has its name. Nothing is deserialised into objects of the child's choice.
 */
record ChildFiles(Path folder) {
  /** An answer is some kilobytes; what is larger was not written by us. */
  private static final long LARGEST_ANSWER = 4L << 20;

  private static final String PADDING = "padding.";
  private static final String TASK = "task.";
  private static final String ENGINE = "engine.";

  /** What the child is to do. */
  record Question(AdmissionProbe.Subject subject, ProbeOptions options) {}

  /** A verdict on its way. */
  record Answer(
      @Nullable String reason,
      @Nullable Signature signature,
      long loadNanos,
      @Nullable Profile profile) {

    static Answer of(Verdict verdict) {
      return switch (verdict) {
        case Verdict.Admitted admitted ->
            new Answer(
                null, admitted.signature(), admitted.loadTime().toNanos(), admitted.profile());
        case Verdict.Rejected rejected -> new Answer(rejected.reason(), null, 0, null);
      };
    }

    Verdict verdict() throws IOException {
      if (reason != null) {
        return new Verdict.Rejected(reason);
      }
      if (signature == null || profile == null) {
        throw new IOException("the answer of the admission process is not complete");
      }
      return new Verdict.Admitted(signature, Duration.ofNanos(loadNanos), profile);
    }
  }

  void ask(Question question) throws IOException {
    AdmissionProbe.Subject subject = question.subject();
    ProbeOptions options = question.options();
    var properties = new Properties();
    properties.setProperty("modelFile", subject.modelFile().toAbsolutePath().toString());
    properties.setProperty("digest", subject.digest());
    properties.setProperty("hardwareClass", options.hardwareClass());
    properties.setProperty("threads", Integer.toString(options.threads()));
    properties.setProperty("profileMillis", Long.toString(options.profileTime().toMillis()));
    properties.setProperty("boundMillis", Long.toString(options.bounds().time().toMillis()));
    properties.setProperty("boundBytes", Long.toString(options.bounds().memoryBytes()));
    subject
        .padding()
        .forEach((input, value) -> properties.setProperty(PADDING + input, Long.toString(value)));
    subject.task().forEach((name, value) -> properties.setProperty(TASK + name, value));
    options.engine().forEach((name, value) -> properties.setProperty(ENGINE + name, value));
    try (var out = Files.newBufferedWriter(questionFile())) {
      properties.store(out, null);
    }
  }

  Question question() throws IOException {
    var properties = new Properties();
    try (var in = Files.newBufferedReader(questionFile())) {
      properties.load(in);
    }
    var padding = new HashMap<String, Long>();
    group(properties, PADDING).forEach((input, value) -> padding.put(input, Long.valueOf(value)));
    return new Question(
        new AdmissionProbe.Subject(
            Path.of(properties.getProperty("modelFile")),
            properties.getProperty("digest"),
            padding,
            group(properties, TASK)),
        new ProbeOptions(
            properties.getProperty("hardwareClass"),
            Integer.parseInt(properties.getProperty("threads")),
            Duration.ofMillis(Long.parseLong(properties.getProperty("profileMillis"))),
            group(properties, ENGINE),
            new ProbeOptions.Bounds(
                Duration.ofMillis(Long.parseLong(properties.getProperty("boundMillis"))),
                Long.parseLong(properties.getProperty("boundBytes")))));
  }

  private static Map<String, String> group(Properties properties, String prefix) {
    var group = new HashMap<String, String>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(prefix)) {
        group.put(key.substring(prefix.length()), properties.getProperty(key));
      }
    }
    return group;
  }

  void answer(Verdict verdict) throws IOException {
    Path unfinished = folder.resolve("answer.tmp");
    Files.writeString(unfinished, RecordJson.of(Answer.of(verdict)));
    Files.move(unfinished, answerFile(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The verdict, when the child came that far. */
  Optional<Verdict> verdict() throws IOException {
    if (!Files.isRegularFile(answerFile())) {
      return Optional.empty();
    }
    if (Files.size(answerFile()) > LARGEST_ANSWER) {
      throw new IOException("the answer of the admission process is too large");
    }
    byte[] json = Files.readAllBytes(answerFile());
    return Optional.of(ControlJson.lenient().readValue(json, Answer.class).verdict());
  }

  /** Where the JVM writes why it crashed. */
  Path crashFile() {
    return folder.resolve("crash.log");
  }

  /** Removes the folder with all that is in it. */
  void remove() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private Path questionFile() {
    return folder.resolve("question.properties");
  }

  private Path answerFile() {
    return folder.resolve("answer.json");
  }
}

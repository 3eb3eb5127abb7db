package dev.millrace.registry.store;

import dev.millrace.protocol.control.Artifact;
import dev.millrace.protocol.control.Dimension;
import dev.millrace.protocol.control.EndpointSpec;
import dev.millrace.protocol.control.ModelManifest;
import dev.millrace.protocol.control.Profile;
import dev.millrace.protocol.control.ServingSpec;
import dev.millrace.protocol.control.Signature;
import dev.millrace.protocol.control.TensorSignature;
import dev.millrace.protocol.control.TrafficTarget;
import dev.millrace.protocol.control.VersionDocument;
import dev.millrace.protocol.control.VersionState;
import dev.millrace.protocol.tensor.DataType;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Documents for store tests, with every field filled. */
public final class StoreSamples {
  public static final Instant NOW = Instant.parse("2026-05-01T10:15:30.123Z");

  public static final Signature SIGNATURE =
      new Signature(
          List.of(
              new TensorSignature(
                  "x",
                  DataType.FP32,
                  List.of(Dimension.symbolic("batch"), Dimension.fixed(4), Dimension.free()),
                  0)),
          List.of(
              new TensorSignature("y", DataType.INT64, List.of(Dimension.symbolic("batch")), 0)));

  private StoreSamples() {}

  /** A digest that differs for each {@code n}. */
  public static String digest(int n) {
    return "sha256:" + "%064x".formatted(n);
  }

  public static VersionDocument version(String model, int number) {
    return new VersionDocument(
        "default",
        model,
        number,
        digest(number),
        VersionState.UPLOADED,
        null,
        SIGNATURE,
        new VersionDocument.OnnxFormat(9, 20, "tëst 1"),
        new ModelManifest(
            "embedding",
            "tokenizer.json",
            "mean",
            true,
            256,
            null,
            Map.of("x", 0L),
            "Apache-2.0",
            null),
        List.of(
            new Artifact("model.onnx", digest(1000 + number), 12),
            new Artifact("tokenizer.json", digest(7), 3L << 32)),
        NOW);
  }

  /** A profile that differs for each {@code batch}. */
  public static Profile profile(String digest, String hardwareClass, int batch) {
    return new Profile(
        digest,
        hardwareClass,
        NOW,
        "1.28.0",
        new Profile.Footprint(12, 4096, 8192),
        "sequence",
        List.of(
            new Profile.Latency(1, 8, 150, 300, 30), new Profile.Latency(batch, 8, 400, 900, 3)),
        new Profile.Invariance(Profile.Finding.YES, 2.5e-7, null),
        Profile.Invariance.unknown("no mask"),
        Profile.Finding.YES,
        new Profile.Recommendation(batch, 1, 2));
  }

  public static EndpointSpec serves(int version) {
    return new EndpointSpec(null, version, null, new ServingSpec("30s", 8, "2ms", 512), "cpu");
  }

  public static EndpointRecord endpoint(String name, long revision, EndpointSpec spec) {
    return new EndpointRecord(
        "default", name, revision, spec, null, new Change.Origin(NOW, "key1", "because"));
  }

  public static EndpointRecord serving(EndpointRecord record, int version) {
    return record.serving(
        new EndpointRecord.InForce(
            record.model(), "cpu", List.of(new TrafficTarget(version, 100))));
  }
}

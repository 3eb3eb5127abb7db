package dev.millrace.testkit.fuzz;

import static dev.millrace.testkit.fuzz.Mutations.join;
import static dev.millrace.testkit.fuzz.Mutations.utf8;

import dev.millrace.testkit.fuzz.FuzzCall.Form;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Requests over HTTP/1.1: JSON, JSON with bytes behind it, bytes alone. */
final class HttpCalls {
  private static final String JSON_LENGTH = "Inference-Header-Content-Length";
  private static final String X4 = "\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4]";
  private static final List<String> DOCUMENTS =
      List.of(
          "{\"inputs\":[{" + X4 + ",\"data\":[1,2.5,-3e2,4]}]}",
          "{\"id\":\"a\",\"inputs\":[{\"name\":\"x\",\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":"
              + "[[1,2,3,4],[5,6,7,8]]}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":true}}]}",
          "{\"parameters\":{\"binary_data_output\":true,\"priority\":1,\"timeout\":9000000},\"inputs\":[{"
              + X4
              + ",\"data\":[1,2,3,4]}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":2}}]}",
          "{\"inputs\":[{\"name\":\"ids\",\"datatype\":\"INT64\",\"shape\":[1,3],\"data\":[1,2,9]}]}",
          "{\"inputs\":[{"
              + X4
              + ",\"data\":[1,2,3,4]}],\"parameters\":{\"sequence_id\":\"f\",\"sequence_start\":true,\"sequence_end\":true}}",
          "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"BYTES\",\"shape\":[1,4],\"data\":[\"a\",\"\",\"\\u00e9\",\"d\"]}]}");

  /** The model of each document. */
  private static final List<String> MODELS =
      List.of(
          FuzzModels.LINEAR,
          FuzzModels.LINEAR,
          FuzzModels.LINEAR,
          FuzzModels.TABLE,
          FuzzModels.SUM,
          FuzzModels.TEXT);

  private static final List<String> WITH_BYTES =
      List.of(
          "{\"inputs\":[{" + X4 + ",\"parameters\":{\"binary_data_size\":16}}]}",
          "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{"
              + X4
              + ",\"parameters\":{\"binary_data_size\":16}}],\"outputs\":[{\"name\":\"y\"}]}");

  private static final List<String> LENGTHS =
      List.of(
          "",
          "-1",
          "0",
          "1",
          "2147483647",
          "2147483648",
          "99999999999999999999",
          "abc",
          "1e1",
          "+10",
          "0x10",
          " 12",
          "12 ",
          "12,12",
          "1.5");

  private final RandomGenerator random;
  private final Mutations mutations;

  HttpCalls(RandomGenerator random) {
    this.random = random;
    this.mutations = new Mutations(random);
  }

  FuzzCall json() {
    int which = random.nextInt(DOCUMENTS.size());
    return finish(path(MODELS.get(which)), new HashMap<>(), spoilt(DOCUMENTS.get(which)));
  }

  private byte[] spoilt(String document) {
    String json = document;
    for (int i = random.nextInt(3); i >= 0; i--) {
      json = mutations.json(json);
    }
    byte[] body = utf8(mutations.chance(10) ? document : json);
    return mutations.chance(25) ? mutations.bytes(body) : body;
  }

  FuzzCall binary() {
    String document = mutations.one(WITH_BYTES);
    byte[] head = mutations.chance(60) ? spoilt(document) : utf8(document);
    byte[] tail = mutations.chance(50) ? mutations.some(16) : mutations.bytes(new byte[16]);
    Map<String, String> headers = new HashMap<>();
    if (mutations.chance(60)) {
      headers.put(JSON_LENGTH, Integer.toString(head.length));
    } else if (mutations.chance(50)) {
      headers.put(JSON_LENGTH, Integer.toString(head.length + random.nextInt(-20, 21)));
    } else if (mutations.chance(90)) {
      headers.put(JSON_LENGTH, mutations.one(LENGTHS));
    }
    return finish(path(FuzzModels.LINEAR), headers, join(head, tail));
  }

  FuzzCall raw() {
    Map<String, String> headers = new HashMap<>(Map.of(JSON_LENGTH, "0"));
    String model = mutations.chance(60) ? FuzzModels.LINEAR : mutations.one(MODELS);
    return finish(path(model), headers, mutations.some(4 * random.nextInt(12) + random.nextInt(2)));
  }

  private String path(String model) {
    String rest =
        mutations.chance(95)
            ? "/infer"
            : mutations.one(
                List.of(
                    "/versions/1/infer",
                    "/versions/99/infer",
                    "/versions/x/infer",
                    "/versions/-1/infer",
                    "/infer/",
                    "/%69nfer",
                    "/infer?x=%zz",
                    "/generate",
                    "//infer"));
    return "/v2/models/" + model + rest;
  }

  private FuzzCall finish(String path, Map<String, String> headers, byte[] plain) {
    byte[] body = plain;
    if (mutations.chance(12)) {
      String coding =
          mutations.one(List.of("gzip", "deflate", "gzip", "identity", "br", "gzip, gzip", ""));
      headers.put("Content-Encoding", coding);
      body = Mutations.packed(coding, plain);
      if (mutations.chance(40)) {
        body = mutations.bytes(body);
      }
    }
    if (mutations.chance(10)) {
      headers.put(
          "Accept-Encoding",
          mutations.one(List.of("gzip", "deflate", "*;q=0", "gzip;q=x", "identity;q=0")));
    }
    if (mutations.chance(3)) {
      headers.put(
          "millrace-timeout",
          mutations.one(List.of("0", "-1", "x", "1e3", "60000", "99999999999999999999")));
    }
    if (mutations.chance(3)) {
      headers.put(
          "Content-Type",
          mutations.one(List.of("text/plain", "application/json;charset=x", "x", "a/b;;;=")));
    }
    if (mutations.chance(1)) {
      return brokenly(path, headers, body);
    }
    return new FuzzCall(
        Form.HTTP, path, headers, body, mutations.chance(25) ? cuts(body.length) : List.of());
  }

  private FuzzCall brokenly(String path, Map<String, String> headers, byte[] body) {
    byte[] sent = body;
    if (mutations.chance(50)) {
      // Ends before its length.
      headers.put(
          "Content-Length",
          mutations.one(List.of(Integer.toString(body.length + 9), "-1", "x", "1, 2", "")));
    } else {
      headers.put(
          "Transfer-Encoding",
          mutations.one(List.of("chunked", "chunked", "x", "chunked, chunked")));
      sent =
          join(
              utf8(
                  mutations.one(
                      List.of("zz\r\n", "5", "-1\r\n", "ffffffffffffffff\r\n", "5\r\nab"))),
              body);
    }
    return new FuzzCall(Form.BROKEN_HTTP, path, headers, sent, List.of());
  }

  private List<Integer> cuts(int length) {
    List<Integer> cuts = new ArrayList<>();
    int left = length;
    while (left > 0 && cuts.size() < 8) {
      int cut = cuts.size() == 7 ? left : 1 + random.nextInt(left);
      cuts.add(cut);
      left -= cut;
    }
    return cuts;
  }
}

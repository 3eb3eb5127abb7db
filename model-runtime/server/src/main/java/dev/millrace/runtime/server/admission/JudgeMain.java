package dev.millrace.runtime.server.admission;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.util.Platform;
import com.google.gson.Gson;
import dev.millrace.runtime.engine.admission.ChildProgram;
import dev.millrace.runtime.engine.admission.ProbeMain;
import java.util.List;
import org.slf4j.Logger;

/** The child process of a runtime: judges a version's model and then its tokenizer. */
public final class JudgeMain {
  /** This class, and the jars of the tokenizer with what they need in their turn. */
  static final ChildProgram PROGRAM =
      new ChildProgram(
          JudgeMain.class,
          List.of(HuggingFaceTokenizer.class, Platform.class, Gson.class, Logger.class));

  private JudgeMain() {}

  /** Takes the folder with the question. */
  public static void main(String[] arguments) {
    ProbeMain.run(arguments, new TextCheck());
  }
}

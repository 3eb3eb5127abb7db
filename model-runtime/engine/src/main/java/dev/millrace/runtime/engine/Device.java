package dev.millrace.runtime.engine;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a session computes.
 *
 * @param provider the execution provider
 * @param id which GPU, from 0; 0 on the CPU
 * @param memoryLimit most bytes of GPU memory that one session's arena may take; 0 leaves it open
 * @param fp16 whether TensorRT may compute in half precision; answers change in the third digit
 * @param engineCache whether TensorRT keeps its compiled engines beside the optimized models
 */
public record Device(
    Provider provider, int id, long memoryLimit, boolean fp16, boolean engineCache) {

  /** The processor. */
  public static final Device CPU = new Device(Provider.CPU, 0, 0, false, true);

  private static final Pattern NAME = Pattern.compile("(cpu|cuda|tensorrt)(?::([0-9]{1,3}))?");

  public Device {
    EngineOptions.require(id >= 0, "device", id, "a number from 0");
    EngineOptions.require(memoryLimit >= 0, "device_memory_limit", memoryLimit, "not negative");
    boolean gpu = provider != Provider.CPU;
    EngineOptions.require(gpu || id == 0, "device", "cpu:" + id, "cpu");
    EngineOptions.require(
        gpu || memoryLimit == 0, "device_memory_limit", memoryLimit, "a GPU device beside it");
    EngineOptions.require(
        !fp16 || provider == Provider.TENSORRT, "fp16", fp16, "device tensorrt beside it");
  }

  /** Whose kernels run. */
  public enum Provider {
    /** ONNX Runtime's own, on the processor. */
    CPU,
    /** NVIDIA CUDA and cuDNN; what they cannot do runs on the processor. */
    CUDA,
    /** NVIDIA TensorRT; what it cannot do runs on CUDA. */
    TENSORRT
  }

  /**
   * The device of a name without further options.
   *
   * @param name {@code cpu}, {@code cuda}, {@code cuda:1}, {@code tensorrt}, {@code tensorrt:1}
   * @throws IllegalArgumentException when it is none of these
   */
  public static Device named(String name) {
    Matcher matcher = NAME.matcher(name.strip().toLowerCase(Locale.ROOT));
    EngineOptions.require(
        matcher.matches(), "device", name, "cpu, cuda, cuda:N, tensorrt or tensorrt:N");
    int id = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    Provider provider = Provider.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
    return new Device(provider, id, 0, false, true);
  }

  @Override
  public String toString() {
    String name = provider.name().toLowerCase(Locale.ROOT);
    return provider == Provider.CPU ? name : name + ":" + id;
  }
}

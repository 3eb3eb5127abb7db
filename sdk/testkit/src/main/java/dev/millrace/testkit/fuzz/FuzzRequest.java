package dev.millrace.testkit.fuzz;

/** What a number of a seed stands for. Its text can be written into a test. */
sealed interface FuzzRequest permits FuzzCall, FuzzStream {
  /** How it is sent, in capitals, as a report says it. */
  String kind();
}

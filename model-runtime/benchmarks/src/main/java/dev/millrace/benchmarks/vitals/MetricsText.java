package dev.millrace.benchmarks.vitals;

/**
 * Metrics as a server publishes them, in the text format of Prometheus.
 *
 * @param text one series a line
 */
record MetricsText(String text) {
  /** The sum of all series of a name whose labels contain {@code label}; 0 when there is none. */
  double sum(String name, String label) {
    return text.lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> line.contains(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}

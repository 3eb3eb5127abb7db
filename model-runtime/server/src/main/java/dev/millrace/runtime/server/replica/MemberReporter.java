package dev.millrace.runtime.server.replica;

import dev.millrace.protocol.internal.MemberReport;
import dev.millrace.protocol.internal.RegistryLink;
import dev.millrace.runtime.server.config.ListeningPorts;
import dev.millrace.runtime.server.config.RuntimeOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** Tells the registry what this runtime holds. Blocks; for a worker thread, one call at a time. */
@ApplicationScoped
class MemberReporter {
  private static final Logger LOG = Logger.getLogger(MemberReporter.class);
  private static final String IN_PROCESS = "in-process";

  private final RuntimeOptions options;
  private final RegistryLink link;
  private final ReplicaTable table;
  private final ListeningPorts ports;
  private final Config config;
  private boolean failing;

  MemberReporter(
      RuntimeOptions options,
      RegistryLink link,
      ReplicaTable table,
      ListeningPorts ports,
      Config config) {
    this.options = options;
    this.link = link;
    this.table = table;
    this.ports = ports;
    this.config = config;
  }

  /** Reports once; a registry that is away is tried again at the next report. */
  void report() {
    var member = options.member();
    MemberReport report =
        new MemberReport(
            member.id(),
            address(httpPort()),
            address(ports.grpc()),
            member.pool(),
            member.hardwareClass(),
            !table.accepting(),
            table.report());
    try {
      link.report(report);
      if (failing) {
        LOG.info("the registry hears this runtime again");
      }
      failing = false;
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException away) {
      if (!failing) {
        LOG.warnf("the registry does not hear this runtime, going on without: %s", away);
      }
      failing = true;
    }
  }

  /** Says good-bye, so that gateways need not wait until the report is too old. */
  void leave() {
    try {
      link.leave(options.member().id());
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException away) {
      LOG.debugf("leaving without good-bye: %s", away);
    }
  }

  private String address(int port) {
    return options.listen().routes() ? options.member().advertisedHost() + ":" + port : IN_PROCESS;
  }

  /** Read late: with port 0 the server writes here which one it got. */
  private int httpPort() {
    return config.getOptionalValue("quarkus.http.port", Integer.class).orElse(8081);
  }
}

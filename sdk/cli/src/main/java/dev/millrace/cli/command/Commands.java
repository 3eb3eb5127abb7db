package dev.millrace.cli.command;

import dev.millrace.cli.Terminal;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The tree of commands, in the order that help shows them. */
public final class Commands {
  private Commands() {}

  /** A fresh command line that writes to that terminal. */
  public static CommandLine create(Terminal terminal) {
    var root = new MillraceCommand();
    var line = new CommandLine(root);
    List<Object> commands =
        List.of(
            new ServeCommand(terminal),
            new DemoCommand(terminal, root),
            new DeployCommand(root, terminal),
            new InferCommand(root, terminal),
            new EmbedCommand(root, terminal),
            new RerankCommand(root, terminal),
            new ClassifyCommand(root, terminal),
            new SnippetsCommand(root, terminal),
            new StatusCommand(root, terminal),
            new EventsCommand(root, terminal),
            new ModelsCommand(root, terminal),
            new VersionsCommand(root, terminal),
            new ProfileCommand(root, terminal),
            new ValidateCommand(root, terminal),
            new EndpointsCommand(root, terminal),
            new RollbackCommand(root, terminal),
            new DoctorCommand(root, terminal),
            new SampleCommand(terminal),
            new StartupCacheCommand(terminal),
            new LauncherCommands.Test(terminal),
            new LauncherCommands.Bench(terminal),
            new VersionCommand(root, terminal));
    commands.forEach(command -> line.addSubcommand(command));
    var endpoints = Objects.requireNonNull(line.getSubcommands().get("endpoints"));
    endpoints.addSubcommand(new SuspensionCommands.Suspend(root, terminal));
    endpoints.addSubcommand(new SuspensionCommands.Resume(root, terminal));
    endpoints.getSubcommands().values().forEach(Commands::addHelp);
    // Only the command itself has --version: subcommands use the name for a model's version.
    line.getSubcommands().values().forEach(Commands::addHelp);
    line.addSubcommand("help", new CommandLine.HelpCommand());
    return line;
  }

  private static void addHelp(CommandLine command) {
    command
        .getCommandSpec()
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help and exit.")
                .build());
    command.getCommandSpec().usageMessage().autoWidth(true);
  }
}

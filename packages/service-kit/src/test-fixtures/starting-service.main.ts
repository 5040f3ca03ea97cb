/** A service that takes work while it starts, and never comes to the end of that: as with a store that does not answer. */
import { Module, type DynamicModule, type OnModuleInit } from "@nestjs/common";
import { PhasedShutdown } from "../phased-shutdown.js";
import { runService } from "../run-service.js";

class Starting implements OnModuleInit {
  constructor(private readonly shutdown: PhasedShutdown) {}

  async onModuleInit(): Promise<void> {
    this.shutdown.add("hand-back", "work", () => void process.stdout.write("handed back\n"));
    process.stdout.write("starting\n");
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  }
}

@Module({})
class StartingModule {
  static create(): DynamicModule {
    const provider = {
      provide: Starting,
      inject: [PhasedShutdown],
      useFactory: (shutdown: PhasedShutdown) => new Starting(shutdown),
    };
    return { module: StartingModule, providers: [provider] };
  }
}

await runService(() => ({
  name: "starting",
  module: StartingModule.create(),
  host: "127.0.0.1",
  port: 0,
  logLevel: "error",
}));

#!/usr/bin/env node
// Begins in whatever Node is on PATH, so it is written for old ones too.
if (Number(process.versions.node.split(".")[0]) < 24) {
  const again = `npm run hive -- ${process.argv.slice(2).join(" ")}`.trim();
  console.error(`hive needs Node 24 or newer; this is ${process.versions.node}. npm brings it along: ${again}`);
  process.exit(1);
}
await import("../dist/main.js");

import "reflect-metadata";
import { Injectable, type Type } from "@nestjs/common";
import type { TaskHandler } from "./task.js";

const HANDLER_NAME = Symbol("hive:handler");

/**
 * Names the handler of a class, as tasks call it, and makes the class injectable.
 *
 * @param name what a task writes as `handler`; 1 to 128 characters without a comma.
 */
export function Handler(name: string): (target: Type<TaskHandler>) => void {
  if (!/^[^,]{1,128}$/.test(name)) {
    throw new Error(`@Handler("${name}"): a handler's name has 1 to 128 characters and no comma.`);
  }
  return (target) => {
    Reflect.defineMetadata(HANDLER_NAME, name, target);
    Injectable()(target);
  };
}

/** @throws Error if the class lacks `@Handler`. */
export function handlerNameOf(target: Type<TaskHandler>): string {
  const name = Reflect.getOwnMetadata(HANDLER_NAME, target) as string | undefined;
  if (name === undefined) throw new Error(`Class ${target.name} is no handler: put @Handler("<name>") before it.`);
  return name;
}

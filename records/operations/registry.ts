/** Which operations there are: rooms register them, the routes and `/metadata` ask. */
import type { Operation, OperationLevel } from './operation.ts';

export interface Operations {
  /** @throws Error when the same name is registered twice for one place: a mistake of the house */
  add(operation: Operation): void;
  find(name: string, level: OperationLevel, type?: string): Operation | undefined;
  readonly all: readonly Operation[];
}

export function createOperations(): Operations {
  const all: Operation[] = [];
  const serves = (one: Operation, level: OperationLevel, type?: string): boolean =>
    one.on.includes(level) &&
    (level === 'system' || one.types === undefined || one.types.includes(type!));
  return {
    all,
    add(operation) {
      const clash = all.some(
        (one) =>
          one.name === operation.name &&
          one.on.some((level) =>
            (operation.types ?? [undefined]).some(
              (type) => operation.on.includes(level) && serves(one, level, type),
            ),
          ),
      );
      if (clash) throw new Error(`the operation $${operation.name} is registered twice`);
      all.push(operation);
    },
    find: (name, level, type) => all.find((one) => one.name === name && serves(one, level, type)),
  };
}

/** The scalars: FHIR's primitives, and arguments that may be written with or without quotes. */
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import type { ValueNode } from 'graphql';

/** [FHIR R4 graphql.html#searching] `_reference: patient`, `use: official`, `_count: 10`, `name: "ann"`: all the same here. */
export const anyText = new GraphQLScalarType<string, string>({
  name: 'text',
  description: 'Text; a code, a number or a truth value may be written without quotes.',
  serialize: String,
  parseValue: (value) => {
    if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
    throw new TypeError('text is expected');
  },
  parseLiteral: (node: ValueNode) => {
    if ('value' in node && typeof node.value !== 'object') return String(node.value);
    throw new TypeError('text is expected');
  },
});

const scalars: Readonly<Record<string, GraphQLScalarType>> = {
  boolean: GraphQLBoolean,
  integer: GraphQLInt,
  positiveInt: GraphQLInt,
  unsignedInt: GraphQLInt,
  decimal: GraphQLFloat,
  id: GraphQLID,
};

/** The scalar of a FHIR primitive. */
export const scalarOf = (type: string): GraphQLScalarType => scalars[type] ?? GraphQLString;

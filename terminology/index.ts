/** The door of terminology: code systems, value sets, maps. */
export {};

/** The optional stylesheet: imported for what it does, it has nothing to say. */
export {}

// What this host does not do, as an answer.

export class Unsupported extends Error {}

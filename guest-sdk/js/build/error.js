// What is wrong with a project, in words for its author.

export class BuildError extends Error {}

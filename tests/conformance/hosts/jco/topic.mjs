// Topics and patterns of topics.

/** Whether a text is a topic. */
export function isTopic(text) {
  return Buffer.byteLength(text) <= 256 && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text);
}

/** Whether everything that `inner` matches, a pattern or a topic, `outer` does. */
export function covers(outer, inner) {
  const [wide, narrow] = [outer.split('.'), inner.split('.')];
  for (const [index, segment] of wide.entries()) {
    if (segment === '**') return true;
    const other = narrow[index];
    if (other === undefined || other === '**') return false;
    if (segment !== '*' && segment !== other) return false;
  }
  return narrow.length === wide.length;
}

//! What a file of `tests/tools/programs` says of packages. The tests compile this file, too, and
//! compare it with a parser for TOML.

/// Returns the packages of Debian that the program needs, which stand on one line.
pub(crate) fn debian_of(text: &str) -> Option<Vec<&str>> {
    let mut lines = text.lines();
    let line = lines.find_map(|line| line.strip_prefix("debian = ["))?;
    let list = line.strip_suffix(']')?;
    let names = list.split(',').map(str::trim);
    names
        .filter(|_| !list.is_empty())
        .map(|name| name.strip_prefix('"')?.strip_suffix('"'))
        .collect()
}

/// Returns whether the program belongs to the second list.
pub(crate) fn is_large(text: &str) -> bool {
    text.lines().any(|line| line == "large = true")
}

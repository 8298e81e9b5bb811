//! What a word of a command looks like: a path, a folder, a program that is known.
//!
//! Pure.

/// The longest path that the kernel takes.
pub(super) const PATH_MAX: usize = 4096;

/// Words before a program that are none.
pub(super) const BEFORE: [&[u8]; 22] = [
    b"!",
    b"builtin",
    b"command",
    b"declare",
    b"do",
    b"elif",
    b"else",
    b"env",
    b"eval",
    b"exec",
    b"export",
    b"if",
    b"local",
    b"nohup",
    b"readonly",
    b"sudo",
    b"then",
    b"time",
    b"typeset",
    b"until",
    b"while",
    b"{",
];

/// Programs whose words with stars are patterns, and no names of files.
pub(super) const PATTERNS: [&[u8]; 3] = [b"[[", b"case", b"git"];

/// Programs that change into the folder that is their first argument.
pub(super) const CHANGERS: [&[u8]; 4] = [b"cd", b"chdir", b"chroot", b"pushd"];

/// Programs that execute the file that is their first argument.
const INTERPRETERS: [&[u8]; 9] = [
    b".", b"bash", b"dash", b"node", b"perl", b"python", b"ruby", b"sh", b"source",
];

pub(super) fn join(folder: &[u8], text: &[u8]) -> Vec<u8> {
    [folder, b"/", text].concat()
}

/// Whether a word may be the name of a folder other than where it is said.
pub(super) fn is_folder(word: &[u8]) -> bool {
    let number = word.iter().all(u8::is_ascii_digit);
    let odd = |byte: &u8| is_odd(byte) || byte.is_ascii_whitespace() || b"=$~".contains(byte);
    let tilde = word.strip_prefix(b"~").unwrap_or(word);
    !number
        && word != b"."
        && word.len() <= PATH_MAX
        && !word.starts_with(b"-")
        && !tilde.iter().any(odd)
}

/// Whether a word looks like the path of a file.
pub(super) fn is_path(word: &[u8]) -> bool {
    word.contains(&b'/') && !word.ends_with(b"/") && !word.iter().any(is_odd)
}

fn is_odd(byte: &u8) -> bool {
    byte.is_ascii_control() || b"*?[]{}<>^\\\"'|;&()`%@,:".contains(byte)
}

/// Whether a word may be a command itself.
pub(super) fn is_command(word: &[u8]) -> bool {
    word.iter()
        .any(|byte| byte.is_ascii_whitespace() || b";|&()`".contains(byte))
}

/// Whether a shell puts the names of files in the place of a word.
pub(super) fn is_pattern(word: &[u8]) -> bool {
    word.iter().any(|byte| b"*?[".contains(byte))
}

/// Whether a word is what `sed` is given, as `s/a/b/`.
pub(super) fn is_substitution(word: &[u8]) -> bool {
    let slashes = word.iter().filter(|byte| **byte == b'/').count();
    (word.starts_with(b"s/") || word.starts_with(b"y/")) && slashes >= 3
}

pub(super) fn is_interpreter(word: &[u8]) -> bool {
    INTERPRETERS.contains(&program_name(word))
}

/// The name of a program, without its folder and its version.
pub(super) fn program_name(word: &[u8]) -> &[u8] {
    let name = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let end = name
        .iter()
        .rposition(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .map_or(name.len(), |last| last + 1);
    &name[..end]
}

/// The folder whose files a shell takes in the place of a word with a star. `top`: also
/// the one where it is started.
pub(super) fn pattern_folder(word: &[u8], top: bool) -> Option<&[u8]> {
    let star = word.iter().position(|byte| b"*?[".contains(byte))?;
    let folder = match word[..star].iter().rposition(|byte| *byte == b'/') {
        Some(slash) => &word[..slash],
        None if top => b".",
        None => return None,
    };
    (!folder.iter().any(is_odd) && !folder.is_empty()).then_some(folder)
}

/// Where Python looks for a module from where it is started.
pub(super) fn module_paths(module: &[u8]) -> Vec<Vec<u8>> {
    let slash = |byte: &u8| if *byte == b'.' { b'/' } else { *byte };
    let path: Vec<u8> = module.iter().map(slash).collect();
    let mut found = Vec::new();
    for (at, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
        found.push([&path[..at], b"/__init__.py"].concat());
        found.push([&path[..at], b".py"].concat());
    }
    found.push([&path[..], b".py"].concat());
    found.push(path);
    found
}
